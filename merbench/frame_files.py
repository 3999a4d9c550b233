"""Frame files by number, and what a folder holds as an error tells it."""

from __future__ import annotations

import re
from pathlib import Path

from merbench.errors import FrameError, MissingData


def numbered_files(folder: Path, named: re.Pattern[str], clip: object) -> dict[int, Path]:
    """The files of a folder by frame number, in rising order; none if there is no such folder.

    `named` matches whole file names, and its group 1 is the number. `clip` is what an error says the frames are of.

    Raises:
        FrameError: if two files claim one number.
        MissingData: if the folder may not be read.
    """
    found: dict[int, Path] = {}
    for path in entries(folder) if folder.is_dir() else ():
        match = named.fullmatch(path.name)
        if match is None:
            continue
        if (taken := found.setdefault(int(match[1]), path)) is not path:
            raise FrameError(f"{clip}: frame {int(match[1])} has two files, {taken} and {path.name}; remove one.")
    return dict(sorted(found.items()))


def entries(folder: Path) -> list[Path]:
    """What lies in a folder, by name.

    Raises:
        MissingData: if it may not be read.
    """
    try:
        return sorted(folder.iterdir())
    except OSError as fault:
        raise MissingData(f"{folder}: the folder cannot be read ({fault.strerror}); allow reading it.") from fault


def present(folder: Path) -> str:
    """The first names in a folder, for a message that says what was found instead."""
    names = [path.name for path in entries(folder)] if folder.is_dir() else []
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return ", ".join(names[:8]) + more or "nothing"
