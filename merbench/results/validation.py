"""The validation of a record: what it states must follow from the probabilities that it holds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from merbench.errors import StoreError
from merbench.kind_names import MULTI_NAME
from merbench.plural import plural
from merbench.results.record import FoldTruth, RuleResult, RunRecord, ScoresRecord, UnitScoresRecord, scores_record
from merbench.task_kinds import AnyScores

_TOLERANCE = 1e-9
_REMEDY = "write it again from the run with merbench leaderboard add"


def validated(record: RunRecord) -> RunRecord:
    """The record, unchanged, if its counts and scores follow from its truth and probabilities.

    Raises:
        StoreError: naming the rule and the score that do not.
    """
    _require_tuning_stated(record)
    if "last" not in record.by_rule:
        raise _refusal(record, "it has no results under the rule last")
    _require_complete(record)
    require_structure(record)
    _require_subsets(record)
    for rule, result in record.by_rule.items():
        _compare(record, rule, result.scores, record.scores[rule])
        if result.subsets.keys() != record.subsets.keys():
            raise _refusal(record, f"the subsets scored under {rule} are not those that it lists")
        for subset, stated in result.subsets.items():
            _compare(record, f"{rule}, subset {subset},", stated, record.subset_scores[rule][subset])
    _require_counts(record)
    _require_optimism(record)
    return record


def _refusal(record: RunRecord, what: str) -> StoreError:
    return StoreError(f"Record {record.name}: {what}; {_REMEDY}.")


def _require_tuning_stated(record: RunRecord) -> None:
    biased = record.description.biased_tuning
    if biased and biased not in record.tuned:
        raise _refusal(record, f"it does not say that it was {biased}")


def _require_complete(record: RunRecord) -> None:
    clips, folds = sum(map(len, record.truth)), len(record.folds)
    complete = clips == record.clips if record.every_clip_once else clips > 0
    if not complete or len(record.truth) != folds:
        raise _refusal(
            record,
            f"it holds {plural(clips, 'clip')} in {plural(len(record.truth), 'fold')}, but claims "
            f"{record.clips} in {folds}",
        )


def require_structure(record: RunRecord) -> None:
    """Refuse a record that has not one key, one label and one probability a class for each clip of each fold.

    Raises:
        StoreError: naming what does not fit.
    """
    if len(record.truth) != len(record.folds):
        raise _refusal(record, f"it has {plural(len(record.folds), 'fold')}, but truth of {len(record.truth)}")
    if [len(fold) for fold in record.keys] != [len(fold) for fold in record.truth]:
        raise _refusal(record, "it has not one key for each clip")
    for fold in record.truth:
        _require_truth(record, fold)
    if missing := sorted(set(record.folds) - set(record.untrained_subjects)):
        raise _refusal(record, f"untrained_subjects lacks the fold {missing[0]}")
    for rule, result in record.by_rule.items():
        _require_probabilities(record, rule, result)
        _require_thresholds(record, rule, result)


def _require_thresholds(record: RunRecord, rule: str, result: RuleResult) -> None:
    if (result.thresholds is None) != (record.description.thresholds is None):
        raise _refusal(record, f"by_rule.{rule} has thresholds, or lacks them, against its description")
    if result.thresholds is not None and (
        record.description.kind != MULTI_NAME
        or [len(fold) for fold in result.thresholds] != [len(record.classes)] * len(record.folds)
    ):
        raise _refusal(record, f"by_rule.{rule}.thresholds are not one for each fold and each unit")


def _require_truth(record: RunRecord, fold: FoldTruth) -> None:
    shaped = [len(label) if isinstance(label, tuple) else 0 for label in fold]
    expected = len(record.classes) if record.description.kind == MULTI_NAME else 0
    if any(length != expected for length in shaped):
        raise _refusal(record, f"its truth is not that of a {record.description.kind} task")
    if not fold:
        return
    if record.kind.truth_fault(np.array(fold, dtype=np.int64), len(fold), len(record.classes)):
        raise _refusal(record, f"its truth names more classes than its {len(record.classes)}")


def _require_subsets(record: RunRecord) -> None:
    keys = {key for fold in record.keys for key in fold}
    members = [key for subset in record.subsets.values() for key in subset]
    if record.subsets and sorted(members) != sorted(keys):
        raise _refusal(record, "its parts do not hold each of its clips once")


def _require_probabilities(record: RunRecord, rule: str, result: RuleResult) -> None:
    classes = len(record.classes)
    shape = [(len(fold), classes) for fold in record.truth]
    stored = [
        (len(fold), classes if all(len(clip) == classes for clip in fold) else -1) for fold in result.probabilities
    ]
    if stored != shape:
        raise _refusal(
            record, f"by_rule.{rule}.probabilities are not one for each clip and each of {plural(classes, 'class')}"
        )
    for name, fold in zip(record.folds, result.probabilities, strict=True):
        if fault := record.kind.probability_fault(fold, len(fold), classes) if fold else "":
            raise _refusal(record, f"by_rule.{rule}.probabilities of the fold {name}: {fault}")


def _compare(record: RunRecord, rule: str, stated: ScoresRecord | UnitScoresRecord, computed: AnyScores) -> None:
    expected = scores_record(computed)
    if type(stated) is not type(expected):
        raise _refusal(record, f"its scores under {rule} are not those of a {record.description.kind} task")
    for score, value in expected:
        claimed = getattr(stated, score)
        if isinstance(value, float):
            if not abs(claimed - value) <= _TOLERANCE:
                raise _refusal(
                    record,
                    f"{score} under {rule} is given as {claimed:.6f}, but its probabilities give {value:.6f}",
                )
        elif not _near(claimed, value):
            raise _refusal(record, f"{score} under {rule} is not what its probabilities give")


def _near(claimed: Sequence[float | None], computed: Sequence[float | None]) -> bool:
    return len(claimed) == len(computed) and all(
        one is two if one is None or two is None else abs(one - two) <= _TOLERANCE
        for one, two in zip(claimed, computed, strict=True)
    )


def _require_counts(record: RunRecord) -> None:
    filled = [np.array(fold, dtype=np.int64) for fold in record.truth if fold]
    counts = record.kind.counts(np.concatenate(filled), len(record.classes)) if filled else [0] * len(record.classes)
    if record.every_clip_once and record.counts != dict(zip(record.classes, counts, strict=True)):
        raise _refusal(record, "its counts are not those of its truth")


def _require_optimism(record: RunRecord) -> None:
    gain = None
    if "oracle" in record.by_rule and record.has_epochs:
        gain = record.scores["oracle"].headline - record.scores["last"].headline
    if not _near([record.optimism], [gain]):
        raise _refusal(record, "its optimism is not oracle less last")
