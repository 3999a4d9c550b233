"""The check that folds trained together say what each says alone."""

from __future__ import annotations

import dataclasses

import numpy as np

from merbench.errors import EntryError
from merbench.method import NetworkMethod
from merbench.testing.check import Failed, NotApplicable
from merbench.testing.harness import Bench


def packed_alike(bench: Bench) -> None:
    """Two folds through the engine together agree with one at a time, in float64."""
    from merbench.training.device.inputs import DeviceInputs
    from merbench.training.fit import FoldTask, fit_folds
    from merbench.training.numerics import choose

    method, training, inputs = bench.method, bench.training, bench.inputs
    if not isinstance(method, NetworkMethod):
        raise NotApplicable("no network: it is fitted fold by fold")
    if training is None or inputs is None:
        raise EntryError(f"{method.name}: a network needs a recipe with training, and inputs.")
    numerics = choose("cpu", "float64", threads=1)
    together = dataclasses.replace(numerics, packing=2)
    tasks = [
        FoldTask(name=trial.fold, train=trial.train, watch=trial.watch, info=bench.info(trial))
        for trial in bench.trials[:2]
    ]
    device = DeviceInputs(inputs, numerics)
    packed = fit_folds(method, training, tasks, device, seed=0, numerics=together)
    for task, found in zip(tasks, packed, strict=True):
        [alone] = fit_folds(method, training, [task], device, seed=0, numerics=numerics)
        apart = float(np.abs(alone.probabilities - found.probabilities).max())
        if not apart <= 1e-5:
            raise Failed(f"fold {task.name} gives other probabilities together with another, by up to {apart:.2g}.")
