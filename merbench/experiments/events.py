"""What a run tells while it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from merbench.data.task import Task
    from merbench.experiments.evaluate import Trial
    from merbench.experiments.experiment import Experiment
    from merbench.protocol import Fold
    from merbench.results.fold_result import Outcome
    from merbench.results.store import Store


class Observer:
    """What a run tells while it goes on; every method may be overridden, none need be."""

    def labelled(self, experiment: Experiment, task: Task, folds: Sequence[Fold]) -> None:
        """The clips are labelled and the folds sound."""

    def preparing(self, done: int, total: int) -> None:
        """Inputs of `done` of `total` clips are read."""

    def prepared(self, task: Task) -> None:
        """The inputs are at hand; `task` lacks the clips whose frames failed."""

    def begins(self, store: Store, todo: Sequence[Trial], kept: Sequence[Outcome]) -> None:
        """Trainings `todo` are ahead; the outcomes `kept` of an earlier start are done."""

    def epoch(self, fold: str, epoch: int) -> None:
        """A training finished an epoch, counted from 0."""

    def outcome(self, outcome: Outcome) -> None:
        """A training is done and kept."""

    def note(self, note: str) -> None:
        """Something came to light that is worth a line."""
