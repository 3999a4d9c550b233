"""A dataset's table as a CSV file that the dataset `manifest` reads: one row a clip, and where its frames lie."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.clips import COLUMNS, Clip, clip_of
from merbench.dataset import Source
from merbench.errors import DataError, UsageError

if TYPE_CHECKING:
    import pandas as pd

#: A file's name around its number, the last digits before the ending.
_NUMBERED = re.compile(r"^(.*?)[0-9]+([^0-9.]*\.\w+)$", re.DOTALL)
_PATTERN = r"\1{number}\2"


def export(source: Source, out: Path) -> int:
    """Write the table of a source to the CSV file `out`, which must not be there yet; how many clips it has.

    Folders of frames are given as seen from the file. The cell is empty where a clip has no files, as drawn data.

    Raises:
        UsageError: if the file is there, or cannot be written.
        DataError: for data that cannot be read, or frames that lie in several folders.
    """
    table = source.dataset.table(source.root).table
    further = [str(name) for name in table.columns if name not in (*COLUMNS, "dataset", "frames")]
    # realpath, because `..` after a link leads elsewhere than it reads
    home = Path(os.path.realpath(out.absolute().parent))
    lines = [_line(source, row, further, home) for _, row in table.iterrows()]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("x", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerows([["dataset", *COLUMNS, "frames", *further], *lines])
    except OSError as fault:
        if out.is_file():
            raise UsageError(f"{out} is there already; name another file, or delete it.") from None
        raise UsageError(f"{out} cannot be written ({fault.strerror}); name another file.") from fault
    return len(lines)


def _line(source: Source, row: pd.Series, further: list[str], home: Path) -> list[str]:
    clip = clip_of(source.dataset.name, row)
    frames = _frames(clip, source.dataset.frames(source.root, clip), home)
    dataset = str(row.get("dataset", source.dataset.name))
    cells = [_text(row[name]) for name in COLUMNS]
    cells[0] = cells[0].removeprefix(f"{dataset}/")
    return [dataset, *cells, frames, *(_text(row[name]) for name in further)]


def _text(value: object) -> str:
    if str(value) in ("<NA>", "nan", "None"):
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _frames(clip: Clip, files: Mapping[int, Path], home: Path) -> str:
    """The pattern of a clip's files, seen from `home`; their folder where they follow no one pattern."""
    if not files:
        return ""
    folders = {Path(os.path.realpath(path.parent)) for path in files.values()}
    if len(folders) > 1:
        raise DataError(f"{clip}: its frames lie in {len(folders)} folders, but a manifest names one for a clip.")
    folder = Path(os.path.relpath(folders.pop(), home)).as_posix()
    patterns = {_NUMBERED.sub(_PATTERN, path.name).lower(): path.name for path in files.values()}
    if len(patterns) > 1:
        return folder
    (name,) = patterns.values()
    return f"{folder}/{_NUMBERED.sub(_PATTERN, name)}"
