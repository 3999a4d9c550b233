"""Progress of a run: a live display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import typer

from merbench.cli.eta import Pace, left, so_far
from merbench.cli.run_summary import describe, left_out_lines
from merbench.data.task import Task
from merbench.experiments.evaluate import Trial
from merbench.experiments.events import Observer
from merbench.experiments.experiment import Experiment
from merbench.protocol import Fold
from merbench.results.fold_result import Outcome
from merbench.results.store import Store

#: Seconds between plain lines within a fold: a choice.
_QUIET = 30.0


class Plain(Observer):
    """Lines on standard error: what begins, a line a training, and one now and then within long ones."""

    pace: Pace
    epochs = 1
    classes = 1
    averaged = False
    _notes = 0

    def labelled(self, experiment: Experiment, task: Task, folds: Sequence[Fold]) -> None:
        """Print what the run will use."""
        self.epochs = experiment.training.epochs if experiment.training else 1
        self.classes = len(task.classes)
        self.averaged = experiment.protocol.averaged
        self._notes = len(task.notes)
        for line in describe(experiment, task, folds):
            typer.echo(line, err=True)
        self._said = time.monotonic()

    def preparing(self, done: int, total: int) -> None:
        """Print how many clips are done, now and then."""
        if done == total or time.monotonic() - self._said > _QUIET:
            self.say(f"inputs: {done} of {total} clips done")

    def prepared(self, task: Task) -> None:
        """Print what was left out for its frames, and what else came to light."""
        for line in (*left_out_lines(task, ("frames",)), *task.notes[self._notes :]):
            typer.echo(line, err=True)

    def begins(self, store: Store, todo: Sequence[Trial], kept: Sequence[Outcome]) -> None:
        """Print where the record lies and what is kept of an earlier start."""
        self.pace = Pace(todo, kept, self.epochs, self.classes, self.averaged)
        earlier = f" ({len(kept)} trainings kept from an earlier start)" if kept else ""
        self.say(f"record: {store.path}{earlier}")

    def epoch(self, fold: str, epoch: int) -> None:
        """Count an epoch; print a line when none was printed for a while."""
        self.pace.tick(fold)
        if time.monotonic() - self._said > _QUIET:
            self.say(f"fold {fold}: epoch {epoch + 1} of {self.epochs}{left(self.pace)}")

    def outcome(self, outcome: Outcome) -> None:
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
        """Leave the terminal as it was."""

    def say(self, line: str) -> None:
        """Print a line."""
        self._said = time.monotonic()
        typer.echo(line, err=True)


class Live(Plain):
    """A bar on the terminal, with folds, epochs, time left and the UF1 so far."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self.bar = self.progress.add_task("", total=None, visible=False)

    def preparing(self, done: int, total: int) -> None:
        """Move the bar of clips read."""
        self.progress.start()
        self.progress.update(self.bar, description="reading clips", completed=done, total=total, visible=done < total)
        if done == total:
            self.progress.stop()

    def begins(self, store: Store, todo: Sequence[Trial], kept: Sequence[Outcome]) -> None:
        """Start the bar of epochs."""
        super().begins(store, todo, kept)
        self.progress.reset(self.bar, total=self.pace.total, visible=bool(todo), start=True)
        self.progress.start()

    def epoch(self, fold: str, epoch: int) -> None:
        """Move the bar."""
        self.pace.tick(fold)
        text = f"fold {self.pace.done + 1}/{self.pace.trainings} {fold}, epoch {epoch + 1}/{self.epochs}"
        self.progress.update(self.bar, completed=self.pace.ticks, description=text + so_far(self.pace))

    def outcome(self, outcome: Outcome) -> None:
        """Print that a training is done, above the bar."""
        self.pace.finish(outcome)
        self.progress.update(self.bar, completed=self.pace.ticks)
        line = f"{self.pace.done}/{self.pace.trainings} {name(outcome)}: {outcome.seconds:.1f} s{so_far(self.pace)}"
        self.progress.console.print(line, highlight=False, markup=False)
        if self.pace.done == self.pace.trainings:
            self.progress.stop()

    def note(self, note: str) -> None:
        """Print what came to light, above the bar."""
        self.progress.console.print(note, highlight=False, markup=False)

    def close(self) -> None:
        """Leave the terminal as it was."""
        self.progress.stop()


def observer() -> Plain:
    """The display that suits standard error."""
    return Live() if sys.stderr.isatty() else Plain()


def name(outcome: Outcome) -> str:
    """The fold, and the kind of training where it is not the usual one."""
    return outcome.fold if outcome.kind == "outer" else f"{outcome.fold} ({outcome.kind})"
