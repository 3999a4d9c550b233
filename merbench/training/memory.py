"""Free memory, the memory that a block takes, and errors that say that it did not suffice."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from merbench.training.allocator import give_back

_CGROUP = Path("/sys/fs/cgroup")
_PROCESS = Path("/proc/self")
_OUT_OF_MEMORY = (
    "CUDNN_STATUS_ALLOC_FAILED", "CUBLAS_STATUS_ALLOC_FAILED", "CUSOLVER_STATUS_ALLOC_FAILED", "CUDA out of memory",
    "CUDA error: out of memory", "DefaultCPUAllocator: can't allocate memory",
)  # fmt: skip


@dataclass
class Peak:
    """The peak memory of a block in bytes; 0 where the system does not report it."""

    bytes: int = 0


@contextmanager
def peak(device: torch.device) -> Iterator[Peak]:
    """A block whose memory is measured: that of the GPU, or of this process."""
    measured = Peak()
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        yield measured
        measured.bytes = torch.cuda.max_memory_allocated(device) - before
        return
    give_back()  # memory that is free, but kept, would hide what the block takes
    with contextlib.suppress(OSError):
        (_PROCESS / "clear_refs").write_text("5")  # the peak starts anew, where the kernel allows it
    before = _status("VmRSS")
    yield measured
    measured.bytes = max(_status("VmHWM") - before, 0)


def free(device: torch.device) -> int:
    """Bytes that can still be taken; a large number where the system does not report them."""
    if device.type == "cuda":
        unallocated = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + unallocated
    sizes = [_field(Path("/proc/meminfo"), "MemAvailable")]
    with contextlib.suppress(OSError, ValueError):  # "max" where nothing is limited
        limit, current = ((_CGROUP / name).read_text() for name in ("memory.max", "memory.current"))
        sizes.append(int(limit) - int(current))
    return min((size for size in sizes if size), default=1 << 62)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory did not suffice; libraries that torch calls say so in words of their own."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in _OUT_OF_MEMORY)


def release(device: torch.device) -> None:
    """Give back what is no longer used, before a smaller attempt."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    else:
        give_back()


def anonymous() -> int:
    """Bytes of this process's memory that are not backed by a file; 0 where the system does not report them."""
    return _status("RssAnon")


def _status(field: str) -> int:
    return _field(_PROCESS / "status", field)


def _field(path: Path, field: str) -> int:
    if not path.is_file():
        return 0
    lines = path.read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:")), 0)
