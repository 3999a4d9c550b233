"""What a run reports while it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from merbench.data.labelled_clips import LabelledClips
    from merbench.experiments.experiment import Experiment
    from merbench.experiments.fold_runs import FoldRun
    from merbench.protocol import Fold
    from merbench.results.fold_result import FoldResult
    from merbench.results.run import Run
    from merbench.results.store import Store


class Observer:
    """What a run reports while it goes on; every method may be overridden, none need be."""

    def labelled(self, experiment: Experiment, task: LabelledClips, folds: Sequence[Fold]) -> None:
        """The clips are labelled and the folds sound."""

    def preparing(self, done: int, total: int) -> None:
        """Inputs of `done` of `total` clips are read."""

    def prepared(self, task: LabelledClips) -> None:
        """The inputs are prepared; `task` lacks the clips whose frames failed."""

    def begins(self, store: Store, todo: Sequence[FoldRun], reused: Sequence[FoldResult]) -> None:
        """Trainings `todo` are ahead; the outcomes `kept` of an earlier start are done."""

    def epoch(self, fold: str, epoch: int) -> None:
        """A training finished an epoch, counted from 0."""

    def outcome(self, outcome: FoldResult) -> None:
        """A training is done and kept."""

    def complete(self, run: Run) -> None:
        """All folds are done and the record is written."""

    def note(self, note: str) -> None:
        """Something came to light that is worth a line."""

    def close(self) -> None:
        """The run is over, finished or not; nothing more will be reported."""


class Observers(Observer):
    """Several observers as one: each is told everything, in their order."""

    def __init__(self, *observers: Observer) -> None:
        self.observers = observers

    def labelled(self, experiment: Experiment, task: LabelledClips, folds: Sequence[Fold]) -> None:
        """Pass it on."""
        for each in self.observers:
            each.labelled(experiment, task, folds)

    def preparing(self, done: int, total: int) -> None:
        """Pass it on."""
        for each in self.observers:
            each.preparing(done, total)

    def prepared(self, task: LabelledClips) -> None:
        """Pass it on."""
        for each in self.observers:
            each.prepared(task)

    def begins(self, store: Store, todo: Sequence[FoldRun], reused: Sequence[FoldResult]) -> None:
        """Pass it on."""
        for each in self.observers:
            each.begins(store, todo, reused)

    def epoch(self, fold: str, epoch: int) -> None:
        """Pass it on."""
        for each in self.observers:
            each.epoch(fold, epoch)

    def outcome(self, outcome: FoldResult) -> None:
        """Pass it on."""
        for each in self.observers:
            each.outcome(outcome)

    def complete(self, run: Run) -> None:
        """Pass it on."""
        for each in self.observers:
            each.complete(run)

    def note(self, note: str) -> None:
        """Pass it on."""
        for each in self.observers:
            each.note(note)

    def close(self) -> None:
        """Pass it on."""
        for each in self.observers:
            each.close()
