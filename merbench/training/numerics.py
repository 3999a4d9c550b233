"""On what and how exactly a run computes; chosen once, recorded, and kept by a resume."""

from __future__ import annotations

import dataclasses
import os
import platform
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from merbench.errors import UsageError

#: Chosen for a run, whatever its machine.
_OF_THE_RUN = ("threads", "packing", "compiled")
COMPILED = {"no": False, "yes": True, "auto": None}
PRECISIONS = {"float64": torch.float64, "float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True, slots=True, kw_only=True)
class Numerics:
    """All that can change the bits of a result on equal input.

    `threads` are those of one fold on the CPU; `packing` is the number of folds trained at once, 0 where that is
    still to be measured, and `together` how: `stacked` in one tensor, or `beside` each other in threads. Under `tf32`
    a GPU multiplies float32 matrices with ten bits of mantissa. `compiled` says whether steps of training are compiled
    by torch, one fold at a time, and is None where that is still to be measured.
    """

    device: str
    device_name: str
    precision: str
    threads: int
    packing: int
    torch_version: str
    numpy_version: str
    together: str = "stacked"
    tf32: bool = False
    compiled: bool | None = False

    @property
    def torch_device(self) -> torch.device:
        """The device as torch names it."""
        return torch.device(self.device)

    @property
    def autocast(self) -> bool:
        """Whether the forward pass runs in bfloat16 over float32 weights."""
        return self.precision == "bfloat16"

    @property
    def open(self) -> bool:
        """Whether something is still to be measured."""
        return self.packing == 0 or self.compiled is None

    def unmeasured(self) -> Numerics:
        """These numerics with what is open left at one fold at a time, and nothing compiled."""
        return dataclasses.replace(self, packing=self.packing or 1, compiled=bool(self.compiled))

    def adopting(self, kept: Mapping[str, Any]) -> Numerics:
        """These numerics with what is a run's own choice taken from those it recorded; the rest is the machine's."""
        return dataclasses.replace(self, **{name: kept[name] for name in _OF_THE_RUN if name in kept})

    @property
    def dtype(self) -> torch.dtype:
        """The type of weights and inputs: float32 also where the forward pass runs in bfloat16."""
        return torch.float64 if self.precision == "float64" else torch.float32


def choose(
    device: str = "auto",
    precision: str = "auto",
    threads: int | None = None,
    packing: str | int = 1,
    compiled: str = "no",
) -> Numerics:
    """The numerics for a device and a precision; `auto` takes a GPU if there is one, and bfloat16 where it is fast.

    `packing` is the number of folds trained at once; `auto` leaves it to be measured. On a CPU they share threads.
    `compiled` is no, yes, or auto, which leaves it to be measured, too; what is compiled is trained one fold at a time.

    Raises:
        UsageError: for a device that is not there, a precision that does not exist, no number of folds, or another
            word for `compiled`.
    """
    chosen = _device(device)
    if precision not in ("auto", *PRECISIONS):
        raise UsageError(f"precision={precision} is not possible: it must be auto, {', '.join(PRECISIONS)}.")
    if compiled not in COMPILED:
        raise UsageError(f"compiled={compiled} is not possible: it must be {', '.join(COMPILED)}.")
    folds = _packing(packing)
    if compiled == "yes" and folds > 1:
        raise UsageError(
            f"compiled=yes trains one fold at a time, but packing={folds} was given; leave one of them out."
        )
    folds = 1 if compiled == "yes" else folds
    if precision == "auto":
        precision = "bfloat16" if has_fast_bfloat16(chosen) else "float32"
    on_processor = chosen.type == "cpu"
    return Numerics(
        device=str(chosen),
        device_name=device_name(chosen),
        precision=precision,
        threads=threads or max(own_threads() // (max(folds, 1) if on_processor else 1), 1),
        packing=folds,
        torch_version=torch.__version__,
        numpy_version=np.__version__,
        together="beside" if on_processor else "stacked",
        tf32=chosen.type == "cuda" and precision == "float32",
        compiled=COMPILED[compiled],
    )


def own_threads() -> int:
    """As many threads as torch would take, but no more than the processors that this process may run on."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else torch.get_num_threads()
    return min(torch.get_num_threads(), allowed)


def _packing(text: str | int) -> int:
    if text == "auto":
        return 0
    if not str(text).isdecimal() or int(text) < 1:
        raise UsageError(f"packing={text} is not possible: it must be auto, or a whole number of folds from 1.")
    return int(text)


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
    """Whether the device multiplies bfloat16 matrices in hardware; a CPU that says so is measured, too."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type != "cpu":
        return False
    flags = _cpu_field("flags").split()
    return ("amx_bf16" in flags or "avx512_bf16" in flags) and _bfloat16_gain() > 1.2  # a choice: worth its rounding


@cache
def _bfloat16_gain() -> float:
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
        with _tf32(numerics.tf32):
            yield
    finally:
        torch.set_num_threads(threads)
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = deterministic, benchmark
        if workspace is None:
            del os.environ["CUBLAS_WORKSPACE_CONFIG"]


@contextmanager
def _tf32(wanted: bool) -> Iterator[None]:
    """A block in which a GPU multiplies and convolves float32 matrices in TF32 or does not, whatever was set before."""
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = wanted
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before
