"""Executors by name."""

from __future__ import annotations

import os

from merbench.errors import UnknownName, UsageError
from merbench.experiments.executors.base import Executor

EXECUTORS = ("local", "processes", "ray")


def executor_of(name: str, workers: int | None, device: str = "cpu") -> Executor | None:
    """The executor of that name with so many workers; None for `local`.

    By default there are as many processes as GPUs where `device` leaves the choice of them, else as many as processors.

    Raises:
        UnknownName: for one that does not exist.
        UsageError: for workers where there are none, and for Ray where it is not installed.
    """
    if name not in EXECUTORS:
        raise UnknownName("executor", name, EXECUTORS)
    if workers is not None and workers < 1:
        raise UsageError(f"--workers {workers} is not possible: it must be a whole number from 1.")
    if name == "local":
        if workers not in (None, 1):
            raise UsageError(f"--workers {workers} needs --executor processes or ray; local is this process alone.")
        return None
    if name == "processes":
        from merbench.experiments.executors.processes import Processes

        return Processes(workers or _gpus(device) or _processors())
    from merbench.experiments.executors.ray import Cluster

    return Cluster(workers)


def _gpus(device: str) -> int:
    """The GPUs that worker processes take in turns; 0 where a device is named, or none is there."""
    if device != "auto":
        return 0
    import torch

    return torch.cuda.device_count()


def _processors() -> int:
    """The processors that this process may use, where the system reports them; else all."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
