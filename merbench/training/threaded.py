"""Several folds beside each other on the processor: a thread each, the same numbers as one at a time."""

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
from merbench.training.fold_job import FoldTask, Trained
from merbench.training.numerics import Numerics
from merbench.training.randomness import seeded
from merbench.training.serial import Fold


class _Stopped(Exception):
    """Raised in a fold whose company failed."""


def fit_beside(
    method: NetworkMethod,
    training: Training,
    tasks: Sequence[FoldTask],
    inputs: DeviceInputs,
    seed: int,
    numerics: Numerics,
    on_epoch: Callable[[str, int, Tensor], None],
) -> list[Trained]:
    """What each training left. Networks must draw nothing from global generators; see `draws_globally`.

    Raises:
        TrainingError: if a network's outputs stop being finite; the others stop after their epoch.
    """
    stop, telling = Event(), Lock()

    def told(name: str, epoch: int, probabilities: Tensor) -> None:
        if stop.is_set():
            raise _Stopped
        with telling:
            on_epoch(name, epoch, probabilities)

    def fit(task: FoldTask) -> Trained:
        try:
            torch.set_num_threads(numerics.threads)  # which is a setting of each thread
            return Fold(method, training, task, inputs, seed, numerics).fit_beside(told)
        except BaseException:
            stop.set()
            raise

    with ThreadPoolExecutor(len(tasks), thread_name_prefix="fold") as pool:
        futures = [pool.submit(fit, task) for task in tasks]
        try:
            faults = [fault for future in futures if (fault := future.exception()) is not None]
        except BaseException:  # Ctrl-C
            stop.set()
            raise
    for fault in sorted(faults, key=lambda fault: isinstance(fault, _Stopped)):
        raise fault
    return [dataclasses.replace(future.result(), packing=len(tasks)) for future in futures]


def draws_globally(fold: Fold) -> bool:
    """Whether a forward pass of the fold's network draws from torch's global generator."""
    with seeded(0, fold.device):
        network = fold.built()
        views, _ = next(fold.inputs.batches(fold.draws_once()))
        before = torch.get_rng_state()
        with torch.no_grad(), fold.autocast():
            network.train()(*views)
        return not torch.equal(before, torch.get_rng_state())
