"""Threads a fold, where several folds are trained at once on one machine."""

from __future__ import annotations

import dataclasses

from merbench.experiments.executors.base import Executor
from merbench.experiments.experiment import Experiment


def divided(experiment: Experiment, executor: Executor | None) -> Experiment:
    """The experiment with its threads divided among this machine's workers; Ray gives each worker one processor."""
    if executor is None or experiment.numerics is None:
        return experiment
    from merbench.experiments.executors.processes import Processes

    numerics = experiment.numerics
    threads = max(1, numerics.threads // executor.workers) if isinstance(executor, Processes) else 1
    return dataclasses.replace(experiment, numerics=dataclasses.replace(numerics, threads=threads))
