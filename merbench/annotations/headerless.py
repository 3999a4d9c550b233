"""Annotation sheets without a header, read by position; every cell is checked for the shape that its column has.

An adapter declares the columns from the first one on, and gets the same rows as from a sheet with a header::

    columns = {"subject": Place("participant", r"[0-9]{1,2}", "must be a number"), "onset": WHOLE("onset"), ...}
    sheet = read_plain(path, columns)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from merbench.annotations.cells import Grid, read_grids
from merbench.annotations.sheets import Column, Row, Sheet, unread_sheet
from merbench.annotations.workbook import WorkbookFormat
from merbench.errors import AnnotationError

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: A row with fewer filled cells is a remark between the clips.
_REMARK = 3


@dataclass(frozen=True, slots=True)
class Place(Column):
    """A column that is known by its position: every cell matches `pattern` whole, letter case aside, or breaks `rule`.

    `header` says what it holds.
    """

    pattern: str = ".*"
    rule: str = ""

    def fits(self, cell: str) -> bool:
        """Whether a cell has the column's shape."""
        return re.fullmatch(self.pattern, cell, re.IGNORECASE | re.DOTALL) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderlessFormat(WorkbookFormat):
    """A `WorkbookFormat` whose sheet has no header, and whose `columns` are all `Place`."""

    def _sheet(self, path: Path) -> Sheet:
        return read_plain(path, {name: _place(column) for name, column in self.columns.items()})


def read_plain(path: Path, columns: Mapping[str, Place]) -> Sheet:
    """The rows of the sheet that has most rows of the columns' shapes, whatever it is called.

    Above the first of them there may be headings, which have no number; a row of one or two cells is a remark, and
    left out with a note.

    Raises:
        MissingData: if there is no such file.
        AnnotationError: if the file cannot be read, no row has the shapes, or one differs; naming its first such cell.
    """
    grids = read_grids(path)
    name = max(grids, key=lambda name: sum(_fits(line, columns) for line in grids[name]), default="")
    if not name or not any(_fits(line, columns) for line in grids[name]):
        raise _shapeless(path, columns)
    rows = [_row(path, name, number, line, columns) for number, line in enumerate(grids[name], 1) if any(line)]
    clips, remarks = _parted(rows, grids[name], columns)
    for row in clips:
        for column, place in columns.items():
            if not place.fits(row.cells[column]):
                raise row.refusal(column, place.rule)
    others = [other for other in grids if other != name and any(_fits(line, columns) for line in grids[other])]
    notes = (*_remark_notes(path, remarks), *(unread_sheet(path, other, name) for other in others))
    return Sheet(path=path, name=name, headers=_headers(columns), rows=tuple(clips), notes=notes)


def _parted(rows: Sequence[Row], grid: Grid, columns: Mapping[str, Place]) -> tuple[list[Row], list[Row]]:
    """The rows that must be clips, and the remarks; headings are neither."""
    first = next(row.number for row in rows if _fits(grid[row.number - 1], columns))
    clips, remarks = [], []
    for row in rows:
        cells = [cell for cell in grid[row.number - 1] if cell]
        if len(cells) < _REMARK:
            remarks.append(row)
        elif row.number >= first or any(cell.isdigit() for cell in cells):
            clips.append(row)
    return clips, remarks


def _row(path: Path, sheet: str, number: int, line: Sequence[str], columns: Mapping[str, Place]) -> Row:
    cells = dict(zip(columns, _filled(line, len(columns)), strict=True))
    return Row(path=path, sheet=sheet, number=number, cells=cells, headers=_headers(columns), further={})


def _headers(columns: Mapping[str, Place]) -> dict[str, str]:
    """How an error names the columns: ``column C (onset)``."""
    return {name: f"column {_LETTERS[at]} ({place.header})" for at, (name, place) in enumerate(columns.items())}


def _fits(line: Sequence[str], columns: Mapping[str, Place]) -> bool:
    cells = _filled(line, len(columns))
    return all(place.fits(cell) for place, cell in zip(columns.values(), cells, strict=True))


def _filled(line: Sequence[str], count: int) -> list[str]:
    return [*line[:count], *[""] * (count - len(line))]


def _shapeless(path: Path, columns: Mapping[str, Place]) -> AnnotationError:
    listed = "; ".join(f"{_headers(columns)[name]} {place.rule}" for name, place in columns.items() if place.rule)
    return AnnotationError(
        f"{path}: no sheet has a row with a clip, in which {listed}; give the workbook as it was distributed."
    )


def _remark_notes(path: Path, remarks: Sequence[Row]) -> tuple[str, ...]:
    if not remarks:
        return ()
    numbers = ", ".join(str(row.number) for row in remarks)
    return (f"{path}, sheet {remarks[0].sheet!r}: passed over rows of one or two cells: {numbers}.",)


def _place(column: Column) -> Place:
    return column if isinstance(column, Place) else Place(column.header)
