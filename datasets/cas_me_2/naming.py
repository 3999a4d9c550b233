"""The two sheets of CAS(ME)^2 that say how participants and videos are called; without headers, found by shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from merbench.annotations.cells import Grid, read_grids

_CODE = re.compile(r"s([1-9][0-9]?)", re.IGNORECASE)
_VIDEO_CODE = re.compile(r"[0-9]{3,4}")
_VIDEO = re.compile(r"[^\W\d_]+[0-9]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """By the participant's number its code, ``s15``; by a video's name, ``anger1``, its four digits."""

    codes: Mapping[str, str]
    videos: Mapping[str, str]


def read_naming(path: Path) -> Naming:
    """What the workbook's sheets for naming say; empty where it has none."""
    codes: dict[str, str] = {}
    videos: dict[str, str] = {}
    for grid in read_grids(path).values():
        codes |= _codes(grid)
        videos |= _videos(grid)
    return Naming(codes=codes, videos=videos)


def _codes(grid: Grid) -> dict[str, str]:
    """Rows ``15, s15, 1``: subject, its code, the participant's number."""
    rows = (line[:3] for line in grid if len(line) >= 3)
    return {line[2]: line[1].lower() for line in rows if _CODE.fullmatch(line[1]) and line[2].isdigit()}


def _videos(grid: Grid) -> dict[str, str]:
    """Rows ``0401, anger1``; the code may have lost its zero."""
    rows = (line[:2] for line in grid if len(line) >= 2 and not any(line[2:]))
    return {
        line[1].lower(): line[0].zfill(4)
        for line in rows
        if _VIDEO_CODE.fullmatch(line[0]) and _VIDEO.fullmatch(line[1])
    }
