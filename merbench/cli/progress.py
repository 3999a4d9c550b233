"""Progress of a run: a live display on a terminal, plain lines elsewhere, and a log file in the run's folder."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import typer

from merbench._files.shown import shown
from merbench.cli.eta import Pace, left, so_far
from merbench.cli.plain_streams import as_given, plain
from merbench.cli.run_log import RunLog
from merbench.cli.run_summary import describe, left_out_lines
from merbench.data.labelled_clips import LabelledClips
from merbench.experiments.events import Observer, Observers
from merbench.experiments.experiment import Experiment
from merbench.experiments.fold_runs import FoldRun
from merbench.plural import plural
from merbench.protocol import Fold
from merbench.results.fold_result import FoldResult
from merbench.results.store import Store
from merbench.task_kinds import SINGLE_LABEL, TaskKind

if TYPE_CHECKING:
    from rich.progress import TaskID

#: Seconds between plain lines within a fold: chosen here.
_PAUSE = 30.0
#: How many folds that train at once have a line of their own on a terminal; chosen here, to leave room for results.
_LINES = 8


class Plain(Observer):
    """Lines on standard error and in the run's log: what begins, a line a training, and one now and then in long ones.

    `quiet` leaves standard error empty, `verbose` has a line for every epoch and every clip that is left out.
    """

    pace: Pace
    epochs = 1
    classes = 1
    averaged = False
    kind: TaskKind = SINGLE_LABEL
    _notes = 0
    _said = 0.0

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        self.quiet, self.verbose = quiet, verbose
        self.log = RunLog()

    def labelled(self, experiment: Experiment, task: LabelledClips, folds: Sequence[Fold]) -> None:
        """Print what the run will use."""
        self.epochs = experiment.training.epochs if experiment.training else 1
        self.classes = len(task.classes)
        self.averaged = experiment.protocol.averaged
        self.kind = task.kind
        self._notes = len(task.notes)
        for line in describe(experiment, task, folds):
            self.say(line)
        if self.verbose:
            self._name_left_out(task)

    def preparing(self, done: int, total: int) -> None:
        """Print how many clips are done, now and then."""
        if done == total or time.monotonic() - self._said > _PAUSE:
            self.say(f"inputs: {done} of {plural(total, 'clip')} done")

    def prepared(self, task: LabelledClips) -> None:
        """Print what was left out for its frames, and what else came to light."""
        for line in (*left_out_lines(task, ("frames",)), *task.notes[self._notes :]):
            self.say(line)

    def begins(self, store: Store, todo: Sequence[FoldRun], reused: Sequence[FoldResult]) -> None:
        """Print where the record is, and how many trainings are reused from an earlier start."""
        scored = store.read_header().description.thresholds is None
        self.pace = Pace(todo, reused, self.epochs, self.classes, self.averaged, kind=self.kind, scored=scored)
        self.log.open(store.path)
        earlier = f" ({plural(len(reused), 'training')} kept from an earlier start)" if reused else ""
        self.say(f"record: {shown(store.path)}{earlier}")

    def epoch(self, fold: str, epoch: int) -> None:
        """Count an epoch; print a line once the time left is known, and when none was printed for a while."""
        unknown = self.pace.left is None
        self.pace.tick(fold)
        if self.verbose or (unknown and self.pace.left is not None) or time.monotonic() - self._said > _PAUSE:
            self.say(f"fold {fold}: epoch {epoch + 1} of {self.epochs}{left(self.pace)}")

    def outcome(self, outcome: FoldResult) -> None:
        """Print that a training is done."""
        self.pace.finish(outcome)
        self.say(
            f"{self.pace.done}/{self.pace.trainings} {name(outcome)}: {outcome.seconds:.1f} s"
            f"{so_far(self.pace)}{left(self.pace)}"
        )

    def note(self, note: str) -> None:
        """Print what came to light."""
        self.say(note)

    def close(self) -> None:
        """Leave the terminal as it was, and close the log."""
        self.log.close()

    def say(self, line: str) -> None:
        """Print a line, and write it to the log."""
        self._said = time.monotonic()
        self.log.write(line)
        if not self.quiet:
            self.show(line)

    def show(self, line: str) -> None:
        """Print a line."""
        typer.echo(line, err=True)

    def _name_left_out(self, task: LabelledClips) -> None:
        for each in task.left_out:
            self.say(f"left out: {each.key}: {each.reason}")


class Live(Plain):
    """A bar on the terminal with the time left and the UF1 so far, and a line for each fold in training."""

    def __init__(self, *, verbose: bool = False) -> None:
        super().__init__(verbose=verbose)
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=20), MofNCompleteColumn())
        self.progress = Progress(*columns, console=Console(file=as_given(sys.stderr)), transient=True)
        self.bar = self.progress.add_task("", total=None, visible=False)
        self.lines: dict[str, TaskID] = {}

    def preparing(self, done: int, total: int) -> None:
        """Move the bar of clips read."""
        self.progress.start()
        self.progress.update(self.bar, description="reading clips", completed=done, total=total, visible=done < total)
        if done == total:
            self.progress.stop()

    def begins(self, store: Store, todo: Sequence[FoldRun], reused: Sequence[FoldResult]) -> None:
        """Start the bar of epochs."""
        super().begins(store, todo, reused)
        self.progress.reset(self.bar, total=self.pace.total, visible=bool(todo), start=True)
        self.progress.start()

    def epoch(self, fold: str, epoch: int) -> None:
        """Move the bar, and the line of the fold."""
        if self.verbose:
            super().epoch(fold, epoch)
        else:
            self.pace.tick(fold)
        if fold not in self.lines and len(self.lines) < _LINES:
            self.lines[fold] = self.progress.add_task(f"  {plain(fold)}", total=self.epochs)
        if fold in self.lines:
            self.progress.update(self.lines[fold], completed=epoch + 1)
        self._move()

    def outcome(self, outcome: FoldResult) -> None:
        """Print that a training is done, above the bar, and take its line away."""
        self.pace.finish(outcome)
        if (line := self.lines.pop(outcome.fold, None)) is not None:
            self.progress.remove_task(line)
        self._move()
        self.say(f"{self.pace.done}/{self.pace.trainings} {name(outcome)}: {outcome.seconds:.1f} s{so_far(self.pace)}")
        if self.pace.done == self.pace.trainings:
            self.progress.stop()

    def show(self, line: str) -> None:
        """Print a line above the bar."""
        self.progress.console.print(plain(line), highlight=False, markup=False)

    def close(self) -> None:
        """Leave the terminal as it was, and close the log."""
        self.progress.stop()
        super().close()

    def _move(self) -> None:
        description = f"{self.pace.done}/{plural(self.pace.trainings, 'fold')}{left(self.pace)}"
        self.progress.update(self.bar, completed=self.pace.ticks, description=description)


def observers(*, quiet: bool = False, verbose: bool = False, track: Sequence[str] = ()) -> Callable[[], Observer]:
    """What makes the observer of each run: the display that suits standard error, and the trackers named.

    Raises:
        UnknownName, UsageError: for a tracker that does not exist or is not installed.
    """
    from merbench.experiments.observers import tracker_classes

    classes = tracker_classes(track)

    def make() -> Observer:
        display = Live(verbose=verbose) if sys.stderr.isatty() and not quiet else Plain(quiet=quiet, verbose=verbose)
        return Observers(display, *(tracker() for tracker in classes)) if classes else display

    return make


def name(outcome: FoldResult) -> str:
    """The fold, and the kind of training where it is not the usual one."""
    return outcome.fold if outcome.kind == "outer" else f"{outcome.fold} ({outcome.kind})"
