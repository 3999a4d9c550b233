"""A run without its trainings: names, settings, data and folds are checked, and a few steps are timed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from merbench.experiments.duration import ExpectedDuration, expected_duration
from merbench.experiments.events import Observer
from merbench.experiments.execute import all_fold_runs, evaluator_of
from merbench.experiments.experiment import Experiment
from merbench.experiments.prepare import Prepared, checked_task
from merbench.experiments.starting_weights import starts_of
from merbench.inputs.prepared import PreparedArray, PreparedFrames, PreparedInputs
from merbench.method import NetworkMethod, declared_inputs

if TYPE_CHECKING:
    from merbench.inputs import Inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check brought: the experiment with its folds, its inputs blank, and how long it will take, if known."""

    prepared: Prepared
    duration: ExpectedDuration | None


def check_run(experiment: Experiment, observer: Observer) -> Checked:
    """The experiment with its clips labelled and its folds audited; no frame is read, nothing is trained or written.

    The observer is told what networks start from. Steps are timed on blank inputs of the declared shapes, one fold at
    a time.

    Raises:
        MerbenchError: for annotations or folds that cannot be used.
    """
    task, folds = checked_task(experiment, observer)
    for note in starts_of(experiment, task, folds).notes:
        observer.note(note)
    declared = declared_inputs(experiment.method)
    prepared = Prepared(
        experiment=experiment,
        task=task,
        folds=folds,
        inputs=blank_inputs(declared, len(task.clips)) if declared else None,
        frames_fingerprint={},
    )
    if isinstance(experiment.method, NetworkMethod):
        observer.note("timing a few training steps")
    return Checked(prepared=prepared, duration=expected_duration(evaluator_of(prepared), all_fold_runs(prepared)))


def blank_inputs(declared: Inputs, count: int) -> PreparedInputs:
    """Inputs of so many clips in the declared shapes, all zero, which take no memory before they are read."""
    frames = None
    if declared.frames is not None:
        moments, channels = len(declared.frames.at), declared.frames.channels
        frames = PreparedFrames(
            declaration=replace(declared.frames, windows=()),
            images=np.zeros((count, moments, 1, channels, *declared.frames.size), dtype=np.uint8),
            counts=np.ones((count, moments), dtype=np.int64),
            annotated=np.zeros((count, moments), dtype=np.int64),
        )
    arrays = tuple(
        PreparedArray(declaration=each, values=np.zeros((count, *each.shape), dtype=each.dtype))
        for each in declared.arrays
    )
    return PreparedInputs(count=count, frames=frames, arrays=arrays)
