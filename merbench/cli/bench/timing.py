"""What measurements share: a seed, MMNet at a scale, and seconds that wait for the device."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from merbench.cli.bench.report import Scale
from merbench.entries.recipe import Training
from merbench.method import NetworkMethod
from merbench.registry import methods
from merbench.training.numerics import Numerics

#: Of all measurements.
SEED = 0


def mmnet_of(scale: Scale) -> tuple[NetworkMethod, Training]:
    """MMNet and its published training, at the image side and batch of a scale."""
    kind = methods.get("mmnet")
    training = kind.recipes["published"].training
    assert issubclass(kind, NetworkMethod)
    assert training is not None
    return kind(kind.Parameters().changed({"size": scale.size})), training.changed({"batch": scale.batch})


def seconds_of(work: Callable[[], object], numerics: Numerics) -> float:
    """Seconds that a piece of work takes, until the device is done with it."""
    on_gpu = numerics.device != "cpu"
    if on_gpu:
        torch.cuda.synchronize(numerics.torch_device)
    start = time.perf_counter()
    work()
    if on_gpu:
        torch.cuda.synchronize(numerics.torch_device)
    return time.perf_counter() - start
