"""What a training step launches on a GPU, as torch's profiler sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch._C._autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from merbench.cli.bench.launch_budget import CLIPS, SUBJECTS, blank_inputs, quick_load
from merbench.cli.bench.timing import SEED
from merbench.cli.bench.workloads import folds
from merbench.training.device.inputs import DeviceInputs
from merbench.training.numerics import Numerics
from merbench.training.optim import optimiser_for
from merbench.training.serial import FoldTrainer

#: Calls of CUDA's runtime in which the host waits for the device.
_WAITS = frozenset({"cudaStreamSynchronize", "cudaEventSynchronize", "cudaMemcpy"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Kernels and copies on the device, and how often the host waited for it."""

    kernels: int
    waits: int


def launched(name: str, numerics: Numerics) -> Seen:
    """What the third step of a method launches; what is set up in the first ones is not counted."""
    method, training = quick_load(name)
    inputs = DeviceInputs(blank_inputs(method), numerics)
    fold = FoldTrainer(method, training, folds(CLIPS, SUBJECTS)[0], inputs, SEED, numerics)
    network = fold.new_network()
    optimiser = optimiser_for(training, network.parameters(), fold.device)
    for _ in range(2):
        fold.train_epoch(network, optimiser, 0, 1)
    on_gpu = fold.device.type == "cuda"
    if on_gpu:
        torch.cuda.synchronize(fold.device)
    with profile(activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_gpu else [])]) as profiler:
        fold.train_epoch(network, optimiser, 0, 1)
    return counted((event.name, event.device_type) for event in profiler.events() or ())


def counted(events: Iterable[tuple[str, DeviceType]]) -> Seen:
    """The numbers of events `(name, device)` of a profile."""
    pairs = list(events)
    return Seen(
        kernels=sum(device == DeviceType.CUDA for _, device in pairs),
        waits=sum(name in _WAITS for name, _ in pairs),
    )
