"""How long trainings will take: an estimate from a few measured steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from merbench.experiments.evaluate import Evaluator
from merbench.experiments.fold_runs import FoldRun
from merbench.method import NetworkMethod
from merbench.plural import plural

if TYPE_CHECKING:
    from merbench.training.step_time import StepTime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedDuration:
    """What trainings cost by a measurement: steps of training and tests of held-out clips, and seconds of each."""

    trainings: int
    epochs: int
    steps: float
    time: StepTime
    device_name: str
    parallel_folds: int

    @property
    def seconds(self) -> float:
        """Of all steps and tests."""
        return self.steps * self.time.step + self.trainings * self.epochs * self.time.test

    @property
    def sentence(self) -> str:
        """The estimate with what it rests on."""
        folds = plural(self.parallel_folds, "fold")
        trainings = f"{plural(self.trainings, 'training')} of {plural(self.epochs, 'epoch')}"
        steps = f"{plural(round(self.steps), 'step', ',')} of {_milliseconds(self.time.step)}"
        return (
            f"expected duration: about {rough(self.seconds)} (an estimate: {trainings}, {steps}, "
            f"measured on {self.device_name}, {folds} at a time)"
        )


def expected_duration(
    evaluator: Evaluator, todo: Sequence[FoldRun], *, least_steps: float = 0
) -> ExpectedDuration | None:
    """The duration of those trainings; None for a method that is no network, or for fewer steps than `least_steps`."""
    method, training = evaluator.method, evaluator.training
    if not isinstance(method, NetworkMethod) or training is None or not todo:
        return None
    from merbench.training.sampling import epoch_shape
    from merbench.training.step_time import full_steps, measure_step_time

    steps = training.epochs * sum(full_steps(epoch_shape(training, evaluator.labels[each.train])) for each in todo)
    if steps < least_steps:
        return None
    training, numerics, inputs = evaluator.engine(method)
    numerics = numerics.without_autotuning()
    jobs = [evaluator.fold_job(each) for each in todo]
    return ExpectedDuration(
        trainings=len(todo),
        epochs=training.epochs,
        steps=steps,
        time=measure_step_time(method, training, jobs, inputs, seed=evaluator.seed, numerics=numerics),
        device_name=numerics.device_name,
        parallel_folds=numerics.parallel_folds,
    )


def rough(seconds: float) -> str:
    """A duration in the one unit, or the two, that matter.

    >>> rough(40), rough(400), rough(20_000), rough(900_000)
    ('40 s', '7 min', '5 h 30 min', '10 days')
    """
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    if minutes < 90:
        return f"{minutes} min"
    if minutes < 12 * 60:
        return f"{minutes // 60} h {round(minutes % 60, -1) % 60} min"
    return f"{minutes / 60:.0f} h" if minutes < 72 * 60 else f"{minutes / 1440:.0f} days"


def _milliseconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.{0 if seconds >= 0.01 else 1}f} ms"
