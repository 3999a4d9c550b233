"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from merbench.errors import StoreError


def write_whole(path: Path, content: bytes, mend: str) -> None:
    """Write a file under a hidden name, and give it its own only when it is on the disk.

    Raises:
        StoreError: if it cannot be written; what was there before stays. `mend` ends the sentence.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as fault:
        raise StoreError(f"{path} cannot be written: {cause(fault)}. {mend}") from fault


def cause(fault: OSError) -> str:
    """Why a file operation failed, in words."""
    return "the disk is full" if fault.errno == errno.ENOSPC else (fault.strerror or str(fault))
