"""What this machine computes on: its device, the device's model, its threads, and whether bfloat16 is fast there."""

from __future__ import annotations

import multiprocessing
import os
import platform
import time
from functools import cache
from pathlib import Path

import torch

from merbench.errors import UsageError


def find_device(name: str) -> torch.device:
    """The device of that name, tried out; a GPU always has its index.

    `auto` takes a GPU if there is one; of several, each worker process takes another one.

    Raises:
        UsageError: if it cannot be used.
    """
    if name == "auto":
        name = f"cuda:{_own_gpu()}" if torch.cuda.is_available() else "cpu"
    if name.partition(":")[0] == "mps":
        raise UsageError(
            f"device={name} is not supported: merbench computes on CPUs and on CUDA GPUs; choose {_choices()}."
        )
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()  # which a device without memory refuses
    except (RuntimeError, AssertionError, NotImplementedError, ImportError) as error:
        cause = (str(error) or type(error).__name__).splitlines()[0]
        raise UsageError(f"device={name} cannot be used ({cause}); choose {_choices()}.") from error
    return indexed(device)


def _choices() -> str:
    """The devices that are there, and auto."""
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return ", ".join(["cpu", *(f"cuda:{index}" for index in range(count))]) + " or auto"


def _own_gpu() -> int:
    """The index of the GPU for this process: worker processes, counted from 1 by joblib, take them in turns."""
    kind, _, number = multiprocessing.current_process().name.partition("-")
    if kind == "LokyProcess" and number.isdecimal():
        return (int(number) - 1) % torch.cuda.device_count()
    return torch.cuda.current_device()


def indexed(device: torch.device) -> torch.device:
    """The device as its tensors name it: torch calls the tensors of `cuda` those of `cuda:0`."""
    if str(device) != "cuda":
        return device
    return torch.device("cuda", torch.cuda.current_device() if torch.cuda.is_available() else 0)


def available_threads() -> int:
    """As many threads as torch would take, but no more than the processors that this process may run on."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else torch.get_num_threads()
    return min(torch.get_num_threads(), allowed)


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 matrices in hardware; a CPU that says so is measured, too."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type != "cpu":
        return False
    flags = cpu_field("flags").split()
    # 1.2 is chosen here: a gain worth the rounding
    return ("amx_bf16" in flags or "avx512_bf16" in flags) and bfloat16_gain() > 1.2


@cache
def bfloat16_gain() -> float:
    """How many times faster than float32 a product of bfloat16 matrices is; some milliseconds, once a process."""
    spent = {}
    for dtype in (torch.float32, torch.bfloat16):
        matrix = torch.ones(512, 512, dtype=dtype)
        spent[dtype] = min(_seconds(matrix) for _ in range(5))
    return spent[torch.float32] / spent[torch.bfloat16]


def _seconds(matrix: torch.Tensor) -> float:
    start = time.perf_counter()
    matrix @ matrix
    return time.perf_counter() - start


def device_name(device: torch.device) -> str:
    """The model of the device, as its maker calls it."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return cpu_field("model name") or platform.processor() or platform.machine()


def cpu_field(field: str) -> str:
    """A field of the first processor in /proc/cpuinfo; empty where there is none."""
    info = Path("/proc/cpuinfo")
    if not info.is_file():
        return ""
    lines = info.read_text(errors="replace").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(field)), "")
