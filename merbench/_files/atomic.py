"""Files that are written whole or not at all, also by several processes at once."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

from merbench.errors import StoreError

RETRY = "Free space or allow writing there, and run the command again."


def atomic_write(path: Path, content: bytes, remedy: str = RETRY) -> None:
    """Write a file under a hidden name of this writer's own, and rename it once it is on the disk.

    Of several writers of one file, the last to finish wins; nobody reads a mixture.

    Raises:
        StoreError: if it cannot be written; what was there before stays. `remedy` ends the sentence.
    """
    temporary = path.with_name(f".merbench-{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write_synced(temporary, content)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as fault:
        raise StoreError(f"{path} cannot be written: {cause(fault)}. {remedy}") from fault


def atomic_create(path: Path, content: bytes) -> None:
    """Write a file that must not be there yet, whole or not at all, also beside others that create it.

    Raises:
        FileExistsError: if it is there.
        OSError: if it cannot be written.
    """
    temporary = path.with_name(f".merbench-{secrets.token_hex(8)}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _write_synced(temporary, content)
        try:
            os.link(temporary, path)  # which never replaces
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            path.open("xb").close()
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _write_synced(path: Path, content: bytes) -> None:
    """Write a new file, and return once it is on the disk."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def cause(fault: OSError) -> str:
    """Why a file operation failed, in words."""
    return "the disk is full" if fault.errno == errno.ENOSPC else (fault.strerror or str(fault))
