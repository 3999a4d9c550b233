"""Progress of tuning, as lines: trials, the best so far, time left; then as of any run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from merbench._files.shown import shown
from merbench.cli.eta import duration
from merbench.cli.progress import Plain
from merbench.experiments.events import Observer, Observers
from merbench.plural import plural
from merbench.tuning.problem import TuneObserver

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from merbench.results.store import Store
    from merbench.tuning.config import TuningConfig
    from merbench.tuning.study import Awaited, ResumableStudy, Spent


class Display(Plain, TuneObserver):
    """Lines on standard error."""

    _tuning = False

    def tuning_begins(self, store: Store, studies: Sequence[str], config: TuningConfig) -> None:
        """Print what is ahead."""
        if not self._tuning:
            self._studies, self._plan = list(studies), config
            self._start, self._finished = time.monotonic(), 0
            kind = (
                "a study for each outer fold" if config.kind == "nested" else "one study for all subjects: never ranked"
            )
            self.say(
                f"{plural(len(studies), 'study')} of {plural(config.trials, 'trial')}, {config.inner} inner "
                f"folds ({kind})"
            )
            self.say(f"studies: {shown(store.path)}/tuning ({config.storage.split('://')[0]})")
        self._tuning = True

    def trial(self, study: ResumableStudy, trial: FrozenTrial, spent: Spent) -> None:
        """Print how a trial ended, the best so far, and the time left."""
        self._finished += 1
        place = self._studies.index(study.fold)
        best = study.best()
        so_far = "" if best is None else f", best {best.inner_score:.3f} (trial {best.trial})"
        ahead = len(self._studies) * self._plan.trials - place * self._plan.trials - spent.trials
        pace = (time.monotonic() - self._start) / self._finished
        left = f", about {duration(pace * ahead)} left" if ahead > 0 else ""
        self.say(
            f"{study.fold}: {spent.trials}/{self._plan.trials} {_ended(trial, self.kind.headline_shown)}{so_far}{left}"
        )

    def waits(self, study: ResumableStudy, awaited: Awaited) -> None:
        """Print which trial of another worker is awaited, and when it is taken over."""
        since = "" if awaited.since is None else f" since {awaited.since:%H:%M:%S}"
        self.say(
            f"{study.fold}: waiting for trial {awaited.trial}, which another worker has carried out{since}; last sign "
            f"of life {awaited.silent:.0f} s ago, taken over in {awaited.takeover:.0f} s without another"
        )

    def study_done(self, study: ResumableStudy) -> None:
        """Print what a study chose."""
        best = study.best()
        if best is not None:
            values = ", ".join(f"{name}={_short(value)}" for name, value in best.values.items())
            score = f"inner {self.kind.headline_shown} {best.inner_score:.3f}"
            self.say(f"{study.fold}: chosen trial {best.trial}, epoch {best.epoch}, {score}: {values}")

    def epoch(self, fold: str, epoch: int) -> None:
        """Count an epoch of the final trainings; those of trials are counted by trial."""
        if hasattr(self, "pace"):
            super().epoch(fold, epoch)


class TuningObservers(Observers, TuneObserver):
    """A display of tuning with trackers, which are told of the final trainings alone."""

    def __init__(self, display: Display, *trackers: Observer) -> None:
        super().__init__(display, *trackers)
        self.display = display

    def tuning_begins(self, store: Store, studies: Sequence[str], config: TuningConfig) -> None:
        """Tell the display."""
        self.display.tuning_begins(store, studies, config)

    def trial(self, study: ResumableStudy, trial: FrozenTrial, spent: Spent) -> None:
        """Tell the display."""
        self.display.trial(study, trial, spent)

    def waits(self, study: ResumableStudy, awaited: Awaited) -> None:
        """Tell the display."""
        self.display.waits(study, awaited)

    def study_done(self, study: ResumableStudy) -> None:
        """Tell the display."""
        self.display.study_done(study)


def _ended(trial: FrozenTrial, score: str) -> str:
    if "reason" in trial.user_attrs:
        return f"failed ({trial.user_attrs['reason']})"
    if trial.state.name == "PRUNED":
        return "stopped by the pruner"
    return f"inner {score} {trial.value:.3f}" if trial.value is not None else "given up: its workers died"


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
