"""Progress of a run: a live display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import typer

from merbench.evaluate import Trial
from merbench.experiment import Experiment
from merbench.inputs.alignment import AS_DISTRIBUTED
from merbench.metrics import combined_uf1
from merbench.observer import Observer
from merbench.outcome import Outcome
from merbench.protocol import Fold
from merbench.record import protocol_of
from merbench.store import Store
from merbench.summary import LEAKY
from merbench.task import Task
from merbench.training.recipe import Training

#: Clips that are named of those that a line is about; the record has all.
_NAMED = 3
#: Seconds between plain lines within a fold: a choice.
_QUIET = 30.0


class Pace:
    """How far a run is: trainings and epochs done, time left, UF1 so far under `last`."""

    def __init__(
        self, todo: Sequence[Trial], kept: Sequence[Outcome], epochs: int, classes: int, averaged: bool
    ) -> None:
        self.trainings, self.epochs, self.classes, self.averaged = len(todo), epochs, classes, averaged
        self.done = self.ticks = 0
        self.start = time.monotonic()
        self.outer = [outcome for outcome in kept if outcome.kind == "outer"]

    @property
    def total(self) -> int:
        """All epochs ahead."""
        return self.trainings * self.epochs

    @property
    def left(self) -> float | None:
        """Seconds left at the pace so far; None before the first epoch."""
        spent = time.monotonic() - self.start
        return spent / self.ticks * (self.total - self.ticks) if self.ticks else None

    @property
    def uf1(self) -> float | None:
        """UF1 of the folds that are done, at their last epoch, pooled or averaged as the protocol says."""
        if not self.outer:
            return None
        folds = [(outcome.truth, outcome.probabilities[-1].argmax(axis=1)) for outcome in self.outer]
        return combined_uf1(folds, self.classes, averaged=self.averaged)

    def finish(self, outcome: Outcome) -> None:
        """Take in a training that is done."""
        self.done += 1
        self.ticks = self.done * self.epochs
        if outcome.kind == "outer":
            self.outer.append(outcome)


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
        """Print how many clips are read, now and then."""
        if done == total or time.monotonic() - self._said > _QUIET:
            self.say(f"inputs: {done} of {total} clips read")

    def prepared(self, task: Task) -> None:
        """Print what was left out for its frames, and what else came to light."""
        for line in (*_left_out_lines(task, ("frames",)), *task.notes[self._notes :]):
            typer.echo(line, err=True)

    def begins(self, store: Store, todo: Sequence[Trial], kept: Sequence[Outcome]) -> None:
        """Print where the record lies and what is kept of an earlier start."""
        self.pace = Pace(todo, kept, self.epochs, self.classes, self.averaged)
        earlier = f" ({len(kept)} trainings kept from an earlier start)" if kept else ""
        self.say(f"record: {store.path}{earlier}")

    def epoch(self, fold: str, epoch: int) -> None:
        """Count an epoch; print a line when none was printed for a while."""
        self.pace.ticks += 1
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
        self.pace.ticks += 1
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


def describe(experiment: Experiment, task: Task, folds: Sequence[Fold]) -> list[str]:
    """What a run will use, line by line."""
    data = " + ".join(experiment.by_dataset) + (" (drawn faces)" if experiment.drawn else "")
    counts = ", ".join(f"{label} {count}" for label, count in task.counts.items())
    protocol = experiment.protocol
    split = protocol_of({"protocol": protocol.name, "protocol_parameters": protocol.parameters.values()})
    states = ", ".join(f"{dataset} {state}" for dataset, state in task.states.items())
    return [
        f"{experiment.method.name} under {split} on {data}, scheme {task.scheme}, labels: {states}",
        f"{len(task.clips)} clips, {len(task.subjects)} subjects, {len(folds)} folds ({counts})",
        *([f"{experiment.protocol.name} is {LEAKY}"] if experiment.protocol.leaky else []),
        *_stand_in_lines(experiment),
        *_training_lines(experiment),
        *([] if str(experiment.alignment) == AS_DISTRIBUTED else [f"alignment {experiment.alignment}"]),
        *_left_out_lines(task, ("scheme", "range", "apex")),
        *_apex_lines(task),
        *_mended_lines(experiment, task),
        *task.notes,
    ]


def _stand_in_lines(experiment: Experiment) -> list[str]:
    names = tuple(experiment.by_dataset)
    if len(names) < 2 or names != experiment.protocol.stand_ins:
        return []
    return [f"no databases given: {', '.join(names)} are drawn stand-ins; give yours with --data NAME=DIR, one each"]


def _training_lines(experiment: Experiment) -> list[str]:
    numerics, training = experiment.numerics, experiment.training
    if training is None or numerics is None:
        return [f"seed {experiment.seed}"]
    changed = ", ".join(f"{key}={value}" for key, value in experiment.changed.items())
    return [
        f"recipe {experiment.recipe}{f' with {changed}' if changed else ''} ({experiment.recipe_source})",
        f"{training.epochs} epochs, batch {training.batch}, {training.optimiser}, {_rate(training)}",
        f"{numerics.device} ({numerics.device_name}), {numerics.precision}, {numerics.threads} threads",
        f"seed {experiment.seed}, rules {', '.join(experiment.rules)}",
    ]


def _rate(training: Training) -> str:
    decay = f", weight decay {training.weight_decay:g}" if training.weight_decay else ""
    return f"learning rate {training.learning_rate:g} ({training.schedule}){decay}"


def _left_out_lines(task: Task, whys: Sequence[str]) -> list[str]:
    lines = []
    for why in whys:
        lost = [left_out for left_out in task.left_out if left_out.why == why]
        if lost:
            reasons = sorted({left_out.reason for left_out in lost})
            lines.append(f"left out for their {why}: {len(lost)} clips ({'; '.join(reasons[:3])})")
    return lines


def _apex_lines(task: Task) -> list[str]:
    if not task.apexes:
        return []
    taken = "spotted by motion" if task.apex_policy == "spot" else "middle frame taken"
    named = ", ".join(task.apexes[:_NAMED]) + (f" and {more} more" if (more := len(task.apexes) - _NAMED) > 0 else "")
    told = f"no usable annotated apex in {len(task.apexes)} of {len(task.clips)} clips, {taken}"
    return [f"{told} (--apex {task.apex_policy}): {named}"]


def _mended_lines(experiment: Experiment, task: Task) -> list[str]:
    if not task.mended:
        return []
    named = "; ".join(task.mended[:_NAMED]) + ("; …" if task.mended[_NAMED:] else "")
    return [f"{len(task.mended)} cells mended (--mends {experiment.mends}): {named}"]


def name(outcome: Outcome) -> str:
    """The fold, and the kind of training where it is not the usual one."""
    return outcome.fold if outcome.kind == "outer" else f"{outcome.fold} ({outcome.kind})"


def so_far(pace: Pace) -> str:
    """The UF1 so far, as the end of a line."""
    return "" if pace.uf1 is None else f", UF1 so far {pace.uf1:.3f}"


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
