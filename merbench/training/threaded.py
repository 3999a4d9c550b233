"""Several folds at once on the CPU, a thread each: the same bits as one at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import torch
from torch import Tensor

from merbench.entries.recipe import Training
from merbench.method import NetworkMethod
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fold_job import FoldJob, TrainedFold
from merbench.training.numerics import Numerics
from merbench.training.randomness import seeded
from merbench.training.serial import FoldTrainer


class _Stopped(Exception):
    """Raised in a fold to stop it because another fold failed."""


def fit_threaded(
    method: NetworkMethod,
    training: Training,
    jobs: Sequence[FoldJob],
    inputs: DeviceInputs,
    seed: int,
    numerics: Numerics,
    on_epoch: Callable[[str, int, Tensor], None],
) -> list[TrainedFold]:
    """The trained folds. Networks must draw nothing from global generators; see `uses_global_rng`.

    Raises:
        TrainingError: if a network's outputs stop being finite; the others stop after their epoch.
    """
    stop, reporting = Event(), Lock()

    def report(name: str, epoch: int, probabilities: Tensor) -> None:
        if stop.is_set():
            raise _Stopped
        with reporting:
            on_epoch(name, epoch, probabilities)

    def fit(job: FoldJob) -> TrainedFold:
        try:
            torch.set_num_threads(numerics.threads)  # a setting of each thread
            return FoldTrainer(method, training, job, inputs, seed, numerics).fit_threaded(report)
        except BaseException:
            stop.set()
            raise

    with ThreadPoolExecutor(len(jobs), thread_name_prefix="fold") as pool:
        futures = [pool.submit(fit, job) for job in jobs]
        try:
            errors = [error for future in futures if (error := future.exception()) is not None]
        except BaseException:  # Ctrl-C
            stop.set()
            raise
    for error in sorted(errors, key=lambda error: isinstance(error, _Stopped)):
        raise error
    return [dataclasses.replace(future.result(), parallel_folds=len(jobs)) for future in futures]


def uses_global_rng(fold: FoldTrainer) -> bool:
    """Whether a forward pass of the fold's network draws from a global generator of torch."""
    with seeded(0, fold.device):
        network = fold.build_network()
        views, _ = next(fold.inputs.batches(fold.sample_plan()))
        before = _states(fold.device)
        with torch.no_grad(), fold.autocast():
            network.train()(*views)
        return not all(map(torch.equal, before, _states(fold.device)))


def _states(device: torch.device) -> list[Tensor]:
    """The states of torch's global generators, on the host and of the device."""
    return [torch.get_rng_state(), *([torch.cuda.get_rng_state(device)] if device.type == "cuda" else [])]
