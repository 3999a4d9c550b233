"""Memory that is free, and memory that a block takes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

_CGROUP = Path("/sys/fs/cgroup")
_PROCESS = Path("/proc/self")


@dataclass
class Peak:
    """What a block took at its worst, in bytes; 0 where the system does not tell."""

    bytes: int = 0


@contextmanager
def peak(device: torch.device) -> Iterator[Peak]:
    """A block whose memory is measured: that of the GPU, or of this process."""
    found = Peak()
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        yield found
        found.bytes = torch.cuda.max_memory_allocated(device) - before
        return
    with contextlib.suppress(OSError):
        (_PROCESS / "clear_refs").write_text("5")  # the peak starts anew, where the kernel allows it
    before = _status("VmRSS")
    yield found
    found.bytes = max(_status("VmHWM") - before, 0)


def free(device: torch.device) -> int:
    """Bytes that can still be taken; a large number where the system does not tell."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0] + torch.cuda.memory_reserved(device)
    found = [_field(Path("/proc/meminfo"), "MemAvailable")]
    with contextlib.suppress(OSError, ValueError):  # "max" where nothing is limited
        limit, current = ((_CGROUP / name).read_text() for name in ("memory.max", "memory.current"))
        found.append(int(limit) - int(current))
    return min((size for size in found if size), default=1 << 62)


def anonymous() -> int:
    """Bytes of memory of this process that no file stands behind; 0 where the system does not tell."""
    return _status("RssAnon")


def _status(field: str) -> int:
    return _field(_PROCESS / "status", field)


def _field(path: Path, field: str) -> int:
    if not path.is_file():
        return 0
    lines = path.read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:")), 0)
