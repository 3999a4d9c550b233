"""What measurements share: a seed, MMNet at a scale, the memory format, and seconds that wait for the device."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import torch

from merbench.cli.bench.report import Scale
from merbench.entries.recipe import Training
from merbench.method import NetworkMethod
from merbench.registry import methods
from merbench.training.autotune import Probe
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fold_job import FoldJob
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


def settled(
    method: NetworkMethod, training: Training, jobs: Sequence[FoldJob], inputs: DeviceInputs, numerics: Numerics
) -> Numerics:
    """The numerics with the memory format that a run of this method would measure to be faster."""
    serial = numerics.without_autotuning()
    if numerics.channels_last is not None:
        return serial
    return Probe(method, training, jobs, inputs, SEED, serial).laid_out()


def images_of(numerics: Numerics) -> str:
    """How images lie in memory, in words."""
    return "contiguous" if numerics.channels_last is False else "channels last"


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
