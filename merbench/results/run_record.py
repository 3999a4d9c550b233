"""The compact record of a complete run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from merbench.results.record import RuleResult, RunRecord, fold_probabilities, fold_truth, scores_record
from merbench.task_kinds import AnyScores

if TYPE_CHECKING:
    from merbench.results.run import Run
    from merbench.selection import Rule


def run_record(run: Run) -> RunRecord:
    """The record of a run: keys, truths and probabilities under each rule; no pictures, no paths."""
    known = {name: getattr(run.header, name) for name in run.header.model_fields_set if name != "left_out"}
    record = RunRecord(
        **known,
        left_out=len(run.header.left_out),
        keys=tuple(run.keys),
        truth=tuple(fold_truth(outcome.truth) for outcome in run.outer),
        by_rule={rule: _rule_result(run, rule) for rule in run.rules},
        has_epochs=run.has_epochs,
        optimism=run.optimism if "oracle" in run.rules else None,
        curve=run.curve,
        seconds=round(run.seconds, 3),
        peak_memory=max(outcome.peak_memory for outcome in run.outer),
    )
    if run.draws and not run.has_epochs:
        record = record.updated(draws_without_epochs=True)
    return record if run.inner_splits is None else record.updated(inner_splits=run.inner_splits)


def _subset_scores(run: Run, rule: Rule) -> dict[str, AnyScores]:
    folds = run.predictions(rule)
    return run.kind.subset_scores(run.subsets, run.keys, folds, len(run.classes), averaged=run.averaged)


def _rule_result(run: Run, rule: Rule) -> RuleResult:
    result = RuleResult(
        scores=scores_record(run.scores(rule)),
        subsets={name: scores_record(computed) for name, computed in _subset_scores(run, rule).items()},
        epochs=tuple(epoch + 1 for epoch in run.epochs(rule)),
        probabilities=tuple(fold_probabilities(fold) for fold in run.probabilities(rule)),
    )
    thresholds = run.thresholds(rule)
    if thresholds is None:
        return result
    return result.updated(thresholds=tuple(tuple(fold.tolist()) for fold in thresholds))
