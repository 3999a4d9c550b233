"""The check that folds trained together say what each says alone."""

from __future__ import annotations

import dataclasses

import numpy as np

from merbench.errors import EntryError
from merbench.method import NetworkMethod
from merbench.testing.conformance import Failed, NotApplicable
from merbench.testing.harness import Harness


def agree_with_single_folds(harness: Harness) -> None:
    """Two folds through the engine together agree with one at a time, in float64."""
    from merbench.training.device.inputs import DeviceInputs
    from merbench.training.fit import FoldJob, fit_folds
    from merbench.training.numerics import choose

    method, training, inputs = harness.method, harness.training, harness.inputs
    if not isinstance(method, NetworkMethod):
        raise NotApplicable("no network: it is fitted fold by fold")
    if training is None or inputs is None:
        raise EntryError(f"{method.name}: a network needs a recipe with training, and inputs.")
    numerics = choose("cpu", "float64", threads=1)
    together = dataclasses.replace(numerics, parallel_folds=2)
    tasks = [
        FoldJob(name=fold_run.fold, train=fold_run.train, held_out=fold_run.watch, info=harness.info(fold_run))
        for fold_run in harness.fold_runs[:2]
    ]
    device = DeviceInputs(inputs, numerics)
    packed = fit_folds(method, training, tasks, device, seed=0, numerics=together)
    for task, joint in zip(tasks, packed, strict=True):
        [alone] = fit_folds(method, training, [task], device, seed=0, numerics=numerics)
        apart = float(np.abs(alone.probabilities - joint.probabilities).max())
        if not apart <= 1e-5:
            raise Failed(f"fold {task.name} gives other probabilities together with another, by up to {apart:.2g}.")
