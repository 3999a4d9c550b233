"""The tuning of an experiment as a value: what is searched, how, and on which clips; and what tuning reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from merbench.experiments.events import Observer
from merbench.experiments.prepare import Prepared
from merbench.tuning.config import TuningConfig
from merbench.tuning.space import Space

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from merbench.data.labelled_clips import LabelledClips
    from merbench.protocol import Fold
    from merbench.results.store import Store
    from merbench.tuning.study import Awaited, ResumableStudy, Spent

#: The study whose parameters are for other data; no fold has this name.
ALL_SUBJECTS = "all subjects"
FOLDER = "tuning"


class TuneObserver(Observer):
    """The events of tuning besides those of a run; every method may be overridden, none need be."""

    def tuning_begins(self, store: Store, studies: Sequence[str], config: TuningConfig) -> None:
        """Studies are ahead, in this order; some may be done."""

    def study_begins(self, study: ResumableStudy) -> None:
        """Trials of a study are ahead."""

    def trial(self, study: ResumableStudy, trial: FrozenTrial, spent: Spent) -> None:
        """A trial is done, stopped by the pruner, or failed."""

    def waits(self, study: ResumableStudy, awaited: Awaited) -> None:
        """Nothing is left to begin in a study; another worker's trial is awaited."""

    def study_done(self, study: ResumableStudy) -> None:
        """A study is complete."""


class Count(TuneObserver):
    """Counts the trials that this process finished."""

    trials = 0

    def trial(self, study: ResumableStudy, trial: FrozenTrial, spent: Spent) -> None:
        """One more."""
        self.trials += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """A prepared experiment with what is searched and how."""

    prepared: Prepared
    config: TuningConfig
    space: Space

    @property
    def studies(self) -> dict[str, tuple[str, ...]]:
        """The keys of the clips that each study may see, by its name."""
        return studies_over(self.config, self.prepared.task, self.prepared.folds)


def studies_over(config: TuningConfig, task: LabelledClips, folds: Sequence[Fold]) -> dict[str, tuple[str, ...]]:
    """The keys of the clips of each study, by its name: the training clips of a fold, or all clips."""
    nested = {fold.name: fold.train for fold in folds} if config.kind == "nested" else {}
    with_all = config.all_subjects or config.kind == "flat"
    return {**nested, ALL_SUBJECTS: tuple(map(str, task.clips.index))} if with_all else nested
