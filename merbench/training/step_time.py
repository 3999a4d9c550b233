"""How long a step of training and a test of the held-out clips take: a short measurement on throw-away networks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from merbench.entries.recipe import Training
from merbench.method import NetworkMethod
from merbench.training.autotune import Probe
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fold_job import FoldJob
from merbench.training.grouping import group_folds
from merbench.training.numerics import Numerics
from merbench.training.pinning import pinned
from merbench.training.sampling import EpochShape, epoch_shape
from merbench.training.serial import FoldTrainer


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTime:
    """Seconds of one fold's full step, and of one test of its held-out clips, as folds are trained here."""

    step: float
    test: float


def measure_step_time(
    method: NetworkMethod,
    training: Training,
    jobs: Sequence[FoldJob],
    inputs: DeviceInputs,
    *,
    seed: int,
    numerics: Numerics,
) -> StepTime:
    """The time of some steps and a test, of as many folds at once as `numerics` say; no training is touched."""
    numerics = numerics.without_autotuning()
    shapes = [epoch_shape(training, job.info.labels) for job in jobs]
    largest = max(group_folds(shapes, [len(job.held_out) for job in jobs], len(jobs)), key=len)
    together = [jobs[place] for place in largest][: numerics.parallel_folds]
    with pinned(numerics):
        step = Probe(method, training, together, inputs, seed, numerics).seconds(numerics)
        mean = sum(len(job.held_out) for job in jobs) / len(jobs)
        usual = min(jobs, key=lambda job: abs(len(job.held_out) - mean))
        fold = FoldTrainer(method, training, usual, inputs, seed, numerics)
        network = fold.new_network()
        spent = min(_tested(fold, network) for _ in range(2))
    return StepTime(step=step, test=spent / len(together))


def full_steps(shape: EpochShape) -> float:
    """The steps of an epoch, a short last one as the share of a full one that it is."""
    return shape.steps - 1 + shape.last / shape.size


def _tested(fold: FoldTrainer, network: nn.Module) -> float:
    start = time.perf_counter()
    fold.held_out_probabilities(network).cpu()
    return time.perf_counter() - start
