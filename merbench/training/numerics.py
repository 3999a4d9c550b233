"""On what and how exactly a run computes; chosen once, recorded, and kept by a resume."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from merbench.errors import UsageError

PRECISIONS = {"float64": torch.float64, "float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True, slots=True, kw_only=True)
class Numerics:
    """All that can change the bits of a result on equal input.

    `threads` are those of one fold on the CPU; `packing` is the number of folds trained together.
    """

    device: str
    device_name: str
    precision: str
    threads: int
    packing: int
    torch_version: str
    numpy_version: str

    @property
    def torch_device(self) -> torch.device:
        """The device as torch names it."""
        return torch.device(self.device)

    @property
    def autocast(self) -> bool:
        """Whether the forward pass runs in bfloat16 over float32 weights."""
        return self.precision == "bfloat16"

    @property
    def dtype(self) -> torch.dtype:
        """The type of weights and inputs: float32 also where the forward pass runs in bfloat16."""
        return torch.float64 if self.precision == "float64" else torch.float32


def choose(device: str = "auto", precision: str = "auto", threads: int | None = None) -> Numerics:
    """The numerics for a device and a precision; `auto` takes a GPU if there is one, and bfloat16 where it is fast.

    Raises:
        UsageError: for a device that is not there or a precision that does not exist.
    """
    chosen = _device(device)
    if precision not in ("auto", *PRECISIONS):
        raise UsageError(f"precision={precision} is not possible: it must be auto, {', '.join(PRECISIONS)}.")
    fast = has_fast_bfloat16(chosen)
    return Numerics(
        device=str(chosen),
        device_name=device_name(chosen),
        precision=("bfloat16" if fast else "float32") if precision == "auto" else precision,
        threads=threads or torch.get_num_threads(),
        packing=1,
        torch_version=torch.__version__,
        numpy_version=np.__version__,
    )


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()  # which a device without memory refuses
    except (RuntimeError, AssertionError, NotImplementedError, ImportError) as fault:
        cause = (str(fault) or type(fault).__name__).splitlines()[0]
        raise UsageError(f"device={name} cannot be used ({cause}); choose cpu, cuda, cuda:N or auto.") from fault
    return device


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 matrices in hardware."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type != "cpu":
        return False
    flags = _cpu_field("flags").split()
    return "amx_bf16" in flags or "avx512_bf16" in flags


def device_name(device: torch.device) -> str:
    """The model of the device, as its maker calls it."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return _cpu_field("model name") or platform.processor() or platform.machine()


def _cpu_field(field: str) -> str:
    info = Path("/proc/cpuinfo")
    if not info.is_file():
        return ""
    lines = info.read_text(errors="replace").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(field)), "")


@contextmanager
def applied(numerics: Numerics) -> Iterator[None]:
    """A block that computes with the given threads and deterministic kernels; the settings are put back after it."""
    threads = torch.get_num_threads()
    deterministic, benchmark = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    workspace = os.environ.get("CUBLAS_WORKSPACE_CONFIG")
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = workspace or ":4096:8"
    torch.set_num_threads(numerics.threads)
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = deterministic, benchmark
        if workspace is None:
            del os.environ["CUBLAS_WORKSPACE_CONFIG"]
