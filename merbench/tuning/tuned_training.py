"""Training each fold with the parameters that were chosen for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from merbench.analysis.table import SEEN
from merbench.data.labelled_clips import LabelledClips
from merbench.errors import UsageError
from merbench.experiments.evaluate import Evaluator, OnEpoch
from merbench.experiments.events import Observer
from merbench.experiments.executors.worker import FoldPayload, train_with
from merbench.experiments.experiment import Experiment
from merbench.experiments.fold_runs import FoldRun
from merbench.experiments.prepare import Prepared
from merbench.kind_names import MULTI_NAME
from merbench.plural import plural
from merbench.protocol import Fold
from merbench.results.fold_result import FoldResult
from merbench.results.provenance import digest
from merbench.tuning.inner_folds import InputBank
from merbench.tuning.space import applied
from merbench.tuning.tuned_file import TunedFile, TunedParameters, held_out_digest

#: The job that trains one fold with the parameters chosen for it.
TRAIN_TUNED = "merbench.tuning.tuned_training:train"


def train(payload: FoldPayload) -> FoldResult:
    """The outcome of one fold of an experiment, with the parameters chosen for it; a job of an executor's workers."""
    return train_with(TunedTrainer({payload.fold: payload.parameters}), payload)


class TunedTrainer:
    """The outcomes of folds, each with its own parameters, up to the epoch that was chosen for it."""

    def __init__(self, by_fold: Mapping[str, TunedParameters], observer: Observer | None = None) -> None:
        self.by_fold, self._observer = by_fold, observer

    def __call__(self, prepared: Prepared, todo: Sequence[FoldRun], on_epoch: OnEpoch) -> Iterator[FoldResult]:
        """The outcome of every fold run, in order, each as soon as it is done."""
        bank = InputBank(prepared.experiment, self._observer)
        for fold_run in todo:
            yield self._outcome(prepared, bank, fold_run, on_epoch)

    def _outcome(self, prepared: Prepared, bank: InputBank, fold_run: FoldRun, on_epoch: OnEpoch) -> FoldResult:
        experiment, chosen = prepared.experiment, self.by_fold[fold_run.fold]
        method, training = applied(experiment.method, experiment.training, chosen.values)
        evaluator = Evaluator(
            method,
            training,
            prepared.task,
            bank.take(method, list(prepared.task.clips.index)),
            seed=experiment.seed,
            numerics=experiment.numerics,
        )
        [outcome] = evaluator.outcomes([fold_run], on_epoch)
        return dataclasses.replace(outcome, probabilities=outcome.probabilities[: chosen.epoch])


def tokens(experiment: Experiment, subjects: Sequence[str]) -> tuple[str, ...]:
    """Subjects as a `tuned.toml` names them: for synthetic people, with a digest of the generator's parameters."""
    digests = {
        part: digest(source.dataset.parameters.values())
        for part, source in experiment.by_part.items()
        if source.dataset.synthetic
    }
    marks = {
        subject: next((mark for part, mark in digests.items() if subject.startswith(f"{part}/")), "")
        for subject in subjects
    }
    return tuple(f"{subject} of {mark}" if mark else subject for subject, mark in sorted(marks.items()))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """The parameters of each fold, what kind of tuning that is for these clips, and a one-line summary of it."""

    by_fold: Mapping[str, TunedParameters]
    kind: str
    summary: str

    def described(self) -> dict[str, object]:
        """What defines the result, as plain data."""
        plain = {fold: [dict(chosen.values), chosen.epoch] for fold, chosen in self.by_fold.items()}
        return {"kind": self.kind, "chosen": digest(plain)}


def assign(tuned: TunedFile, experiment: Experiment, task: LabelledClips, folds: Sequence[Fold]) -> Assigned:
    """The table of each fold where every fold has its own, else `[all]` for all of them.

    Raises:
        UsageError: if the file is of another method, or has no `[all]` and not the tables.
    """
    if tuned.method != experiment.method.name:
        raise UsageError(f"--tuned was tuned for {tuned.method}, not for {experiment.method.name}; name that method.")
    if tuned.kind == "nested" and all(_fits(tuned, experiment, task, fold) for fold in folds):
        by_fold = {fold.name: tuned.folds[fold.name].chosen for fold in folds}
        if experiment.kind_name == MULTI_NAME:
            _require_units(*by_fold.values())
        return Assigned(by_fold=by_fold, kind="nested", summary=f"nested, {plural(tuned.trials, 'trial')}")
    if tuned.all_subjects is None:
        raise UsageError(
            "--tuned has no table for some of these folds, and no [all] for other data; "
            "tune on these clips, or tune again without --no-final-study."
        )
    if experiment.kind_name == MULTI_NAME:
        _require_units(tuned.all_subjects.chosen)
    seen = set(tuned.all_subjects.subjects) & set(tokens(experiment, task.subjects))
    by_fold = {fold.name: tuned.all_subjects.chosen for fold in folds}
    if seen:
        return Assigned(by_fold=by_fold, kind="seen", summary=SEEN)
    return Assigned(by_fold=by_fold, kind="elsewhere", summary=f"on other data, {plural(tuned.trials, 'trial')}")


def _require_units(*chosen: TunedParameters) -> None:
    from merbench.training.unit_losses import unserved

    for name, value in (pair for each in chosen for pair in each.values.items()):
        if reason := unserved(name, value):
            raise UsageError(f"--tuned: {reason}; name a file that was tuned on action units.")


def _fits(tuned: TunedFile, experiment: Experiment, task: LabelledClips, fold: Fold) -> bool:
    table = tuned.folds.get(fold.name)
    if table is None or table.held_out != held_out_digest(fold.test):
        return False
    held_out = sorted(set(task.clips.loc[list(fold.test), "subject"]))
    return experiment.protocol.leaky or not set(table.subjects) & set(tokens(experiment, held_out))
