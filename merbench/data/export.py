"""A dataset's table as a CSV file that the dataset `manifest` reads: one row a clip, and where its files lie."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING

from merbench._files.atomic import atomic_create
from merbench._files.videos import is_video
from merbench.annotations.cells import cell_text
from merbench.annotations.clips import COLUMNS, Clip, clip_of
from merbench.data.source import Source
from merbench.errors import DataError, UsageError
from merbench.plural import plural

if TYPE_CHECKING:
    import pandas as pd

#: A file's name around its number, the last digits before the ending.
_NUMBERED = re.compile(r"^(.*?)([0-9]+)([^0-9.]*\.\w+)$", re.DOTALL)
_PATTERN = r"\1{number}\3"
#: What a clip's row may say of its files, in this order; each column is there if any clip has such files.
_FILES = ("frames", "landmarks", "flow")


def export(source: Source, out: Path) -> int:
    """Write the table of a source to the CSV file `out`, which must not be there yet; how many clips it has.

    The table is as the source corrects it. Files are named as seen from `out`: frames and landmarks by folder and
    pattern, a flow by its path. The cell is empty where a clip has none, as drawn data.

    Raises:
        UsageError: if the file is there, or cannot be written.
        DataError: for data that cannot be read, or files that no one pattern can name.
    """
    table = source.annotations().table
    # realpath, because `..` after a link leads elsewhere than it reads
    home = Path(os.path.realpath(out.absolute().parent))
    rows = [row for _, row in table.iterrows()]
    files = [_files(source, clip_of(source.dataset.name, row), home) for row in rows]
    named = [name for name in _FILES if name == "frames" or any(each[name] for each in files)]
    further = [str(name) for name in table.columns if name not in (*COLUMNS, "dataset", *_FILES)]
    lines = [
        [*_cells(source, row), *(each[name] for name in named), *(cell_text(row[name]) for name in further)]
        for row, each in zip(rows, files, strict=True)
    ]
    write_rows(out, [["dataset", *COLUMNS, *named, *further], *lines])
    return len(lines)


def _cells(source: Source, row: pd.Series) -> list[str]:
    return [str(row.get("dataset", source.dataset.name)), *(cell_text(row[name]) for name in COLUMNS)]


def _files(source: Source, clip: Clip, home: Path) -> dict[str, str]:
    dataset, root = source.dataset, source.root
    flow = dataset.precomputed(root, clip, "flow")
    return {
        "frames": _pattern(clip, "frames", dataset.frames(root, clip), home),
        "landmarks": _pattern(clip, "landmarks", dataset.landmark_files(root, clip), home),
        "flow": "" if flow is None else (_seen(flow.parent, home) / flow.name).as_posix(),
    }


def _pattern(clip: Clip, what: str, files: Mapping[int, Path], home: Path) -> str:
    """The pattern of a clip's files, seen from `home`; their folder where they follow no one pattern."""
    if not files:
        return ""
    videos = set(filter(is_video, files.values()))
    if videos:
        return _video(clip, files, videos, home)
    folders = {Path(os.path.realpath(path.parent)) for path in files.values()}
    if len(folders) > 1:
        raise DataError(
            f"{clip}: its {what} lie in {plural(len(folders), 'folder')}, but a manifest names one for a clip."
        )
    _refuse_other_numbers(clip, what, files)
    folder = _seen(folders.pop(), home).as_posix()
    patterns = {_NUMBERED.sub(_PATTERN, path.name).lower(): path.name for path in files.values()}
    if len(patterns) > 1:
        return folder
    (name,) = patterns.values()
    return f"{folder}/{_NUMBERED.sub(_PATTERN, name)}"


def _video(clip: Clip, files: Mapping[int, Path], videos: Set[Path], home: Path) -> str:
    """The video of a clip, seen from `home`, and the number of its first frame."""
    if len(set(files.values())) > 1:
        raise DataError(
            f"{clip}: its frames lie in {plural(len(videos), 'video')} and files, but a manifest names one for a clip."
        )
    (video,) = videos
    return f"{(_seen(video.parent, home) / video.name).as_posix()}#{min(files)}"


def _refuse_other_numbers(clip: Clip, what: str, files: Mapping[int, Path]) -> None:
    for number, path in files.items():
        match = _NUMBERED.match(path.name)
        if match is None or int(match[2]) != number:
            raise DataError(
                f"{clip}: {path} is of frame {number}, but a manifest knows {what} by the number in their names."
            )


def _seen(folder: Path, home: Path) -> Path:
    return Path(os.path.relpath(os.path.realpath(folder), home))


def write_rows(out: Path, lines: Sequence[Sequence[str]]) -> None:
    """Write a CSV file that must not be there yet, whole or not at all.

    Raises:
        UsageError: if it is there, or cannot be written.
        DataError: if a cell is no text, such as the name of a file in another encoding.
    """
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(lines)
    try:
        atomic_create(out, stream.getvalue().encode("utf-8"))
    except UnicodeEncodeError as fault:
        name = fault.object[max(fault.start - 20, 0) : fault.end + 20].encode("utf-8", "backslashreplace").decode()
        raise DataError(f"{out}: {name!r} has characters that no text file can hold; rename the file.") from fault
    except OSError as fault:
        if out.is_file():
            raise UsageError(f"{out} is there already; name another file, or delete it.") from None
        raise UsageError(f"{out} cannot be written ({fault.strerror}); name another file.") from fault
