"""How far a run has got, and how long it will take."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence

from merbench.experiments.fold_runs import FoldRun
from merbench.results.fold_result import FoldResult
from merbench.task_kinds import SINGLE_LABEL, TaskKind


class Pace:
    """How far a run is: trainings and epochs done, time left, the score so far under `last`.

    What passes before training begins, such as imports and the moving of inputs, is no part of the pace: it is counted
    from when the first epoch began, which is known once the same fold's second one took as long. There is no score so
    far unless `scored`: thresholds that a run chooses are known when all trainings of a fold are done.
    """

    def __init__(
        self,
        todo: Sequence[FoldRun],
        reused: Sequence[FoldResult],
        epochs: int,
        classes: int,
        averaged: bool,
        clock: Callable[[], float] = time.monotonic,
        kind: TaskKind = SINGLE_LABEL,
        *,
        scored: bool = True,
    ) -> None:
        self.trainings, self.epochs, self.classes, self.averaged = len(todo), epochs, classes, averaged
        self.kind, self.scored = kind, scored
        self.done = 0
        self._running: Counter[str] = Counter()
        self._clock = clock
        self._first: tuple[str, float] | None = None
        self._start: float | None = None
        self.outer = [outcome for outcome in reused if outcome.kind == "outer"]

    @property
    def total(self) -> int:
        """All epochs ahead."""
        return self.trainings * self.epochs

    @property
    def ticks(self) -> int:
        """Epochs done, those of folds still in training among them."""
        return min(self.total, self.done * self.epochs + self._running.total())

    @property
    def left(self) -> float | None:
        """Seconds left at the pace so far; None until a fold's second epoch, or the end of a training."""
        if self._start is None or not self.ticks:
            return None
        return (self._clock() - self._start) / self.ticks * (self.total - self.ticks)

    @property
    def score(self) -> float | None:
        """The score that ranks, of the folds that are done, at their last epoch, as the protocol combines them."""
        if not self.outer or not self.scored:
            return None
        folds = [(outcome.truth, self.kind.predicted(outcome.probabilities[-1])) for outcome in self.outer]
        return self.kind.headline_score(folds, self.classes, averaged=self.averaged)

    def tick(self, fold: str) -> None:
        """Count an epoch of a fold."""
        self._running[fold] += 1
        if self._start is not None:
            return
        now = self._clock()
        if self._first is None:
            self._first = (fold, now)
        elif fold == self._first[0]:
            self._start = self._first[1] - (now - self._first[1])

    def finish(self, outcome: FoldResult) -> None:
        """Take in a training that is done."""
        self.done += 1
        if self._start is None:
            self._start = self._clock() - outcome.seconds
        self._running[outcome.fold] = max(0, self._running[outcome.fold] - self.epochs)
        if outcome.kind == "outer":
            self.outer.append(outcome)


def so_far(pace: Pace) -> str:
    """The score so far, as the end of a line."""
    return "" if pace.score is None else f", {pace.kind.headline_shown} so far {pace.score:.3f}"


def left(pace: Pace) -> str:
    """The time left, as the end of a line."""
    if pace.left is None or pace.done == pace.trainings:
        return ""
    return f", about {duration(pace.left)} left"


def duration(seconds: float) -> str:
    """Seconds in hours, minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{f'{hours} h ' if hours else ''}{f'{minutes} min ' if minutes else ''}{rest} s"
