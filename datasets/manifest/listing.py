"""The rows of the user's CSV file, checked line by line."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.action_units import parse
from merbench.annotations.clips import COLUMNS, Annotations
from merbench.annotations.sheets import each_row
from merbench.annotations.tables import Column, Row, Sheet, read_sheet
from merbench.data.precomputed import ENDINGS, PRECOMPUTED
from merbench.errors import AnnotationError, MissingData

from .files import NUMBER

if TYPE_CHECKING:
    import pandas as pd

NAMED: Mapping[str, Column] = {
    "dataset": Column("dataset"),
    "subject": Column("subject"),
    "clip": Column("clip"),
    "onset": Column("onset"),
    "apex": Column("apex"),
    "offset": Column("offset"),
    "emotion": Column("emotion"),
    "action_units": Column("action_units", optional=True),
    "fps": Column("fps", optional=True),
    "class": Column("class", optional=True),
    "frames": Column("frames", optional=True),
    "landmarks": Column("landmarks", optional=True),
    **{name: Column(name, optional=True) for name in PRECOMPUTED},
}

_NO_APEX = frozenset({"", "/", "-", "na", "nan", "none"})
_NAME = re.compile(r"[^/\\\x00-\x1f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One row, read; `frames`, `landmarks` and what is `precomputed` are as written, `place` is file and line."""

    place: str
    dataset: str
    subject: str
    clip: str
    onset: int
    apex: int | None
    offset: int
    emotion: str
    action_units: str
    fps: float
    label: str
    frames: str
    landmarks: str
    precomputed: Mapping[str, str]
    further: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A CSV file and its rows; `classes` says whether it has the column of that name."""

    path: Path
    rows: tuple[Listed, ...]
    classes: bool

    @cached_property
    def by_key(self) -> dict[tuple[str, str, str, int], Listed]:
        """The rows by dataset, subject, clip and onset."""
        return {(row.dataset, row.subject, row.clip, row.onset): row for row in self.rows}

    def annotations(self) -> Annotations:
        """The table: the usual columns, dataset, class if there is one, and the further columns."""
        import pandas as pd

        columns = {name: [getattr(row, name) for row in self.rows] for name in (*COLUMNS, "dataset")}
        if self.classes:
            columns["class"] = [row.label for row in self.rows]
        columns |= {name: [row.further[name] for row in self.rows] for name in self.rows[0].further}
        table: pd.DataFrame = pd.DataFrame({**columns, "apex": pd.array(columns["apex"], dtype="Int64")})
        return Annotations(table=table, state=f"{self.path.name}, {len(self.rows)} rows", notes=tuple(self._notes()))

    @cached_property
    def datasets(self) -> tuple[str, ...]:
        """The datasets of the rows, sorted."""
        return tuple(sorted({row.dataset for row in self.rows}))

    def _notes(self) -> Iterator[str]:
        reversed_ = [f"{row.place} ({row.onset}..{row.offset})" for row in self.rows if row.onset > row.offset]
        if reversed_:
            yield f"The offset lies before the onset, and a run leaves out, {', '.join(reversed_)}."


def read_listing(root: Path | None, *, labelled: bool = True) -> Listing:
    """The rows of the CSV file that `root` is or holds; unless `labelled`, it may lack emotions.

    Raises:
        MissingData: if there is none.
        AnnotationError: naming file, line, column, value, rule and mend of each line refused.
    """
    sheet = _sheet(root, NAMED if labelled else {**NAMED, "emotion": Column("emotion", optional=True)})
    first: dict[tuple[str, str, str, int], Row] = {}

    def read(row: Row) -> Listed:
        listed = _read(row, labelled)
        if (taken := first.setdefault((listed.dataset, listed.subject, listed.clip, listed.onset), row)) is not row:
            raise row.refusal(
                "clip",
                f"stands in line {taken.number} too, with the same dataset, subject and onset, and must be there once",
                "delete one of the two lines",
            )
        return listed

    rows = each_row(sheet.rows, read)
    if not rows:
        raise AnnotationError(f"{sheet.path}: there is no row below the headers; write one a clip.")
    return Listing(path=sheet.path, rows=tuple(rows), classes="class" in sheet.headers)


def _sheet(root: Path | None, columns: Mapping[str, Column]) -> Sheet:
    if root is not None and root.is_file():
        if root.suffix.lower() != ".csv":
            raise AnnotationError(f"manifest: {root} must be a file with the ending .csv; save the table as CSV.")
        return read_sheet(root, columns)
    if root is None or not root.is_dir():
        raise MissingData(f"manifest: {root} does not exist. Say where the table lies with --data manifest=FILE.csv.")
    files = sorted(path for path in root.glob("*.[cC][sS][vV]") if path.name[0] not in ".~" and path.is_file())
    if len(files) != 1:
        found = ", ".join(path.name for path in files) or "none"
        raise (AnnotationError if files else MissingData)(
            f"manifest: the folder {root} must hold one .csv file, but holds {found}. "
            "Name the file itself: --data manifest=FILE.csv."
        )
    return read_sheet(files[0], columns)


def _read(row: Row, labelled: bool) -> Listed:
    return Listed(
        place=row.place,
        dataset=_name(row, "dataset"),
        subject=_name(row, "subject"),
        clip=_name(row, "clip"),
        onset=row.whole("onset"),
        apex=None if row.cells["apex"].lower() in _NO_APEX else row.whole("apex"),
        offset=row.whole("offset"),
        emotion=(row.text("emotion") if labelled else row.cells["emotion"]).lower(),
        action_units=_action_units(row),
        fps=_fps(row),
        label=row.cells["class"].lower(),
        frames=_files(row, "frames"),
        landmarks=_files(row, "landmarks"),
        precomputed={name: _file(row, name) for name in PRECOMPUTED},
        further=row.further,
    )


def _name(row: Row, column: str) -> str:
    if _NAME.fullmatch(row.text(column)) is None:
        raise row.refusal(column, "must be a name without slashes and line breaks")
    return row.cells[column]


def _action_units(row: Row) -> str:
    try:
        parse(row.cells["action_units"])
    except AnnotationError:
        raise row.refusal("action_units", "must be numbers joined by '+', each with L or R before it at most") from None
    return row.cells["action_units"]


def _fps(row: Row) -> float:
    if not row.cells["fps"]:
        return math.nan
    try:
        fps = float(row.cells["fps"])
    except ValueError:
        fps = math.nan
    if not 0 < fps < math.inf:
        raise row.refusal("fps", "must be a number above 0, such as 200 or 29.97")
    return fps


def _files(row: Row, column: str) -> str:
    cell = row.cells[column]
    folder, _, name = cell.rpartition("/")
    if NUMBER.search(folder) or len(NUMBER.findall(name)) > 1:
        raise row.refusal(column, "may have {number} once, in the name of the file, such as clips/img{number}.jpg")
    return _path(row, column, "a folder or a pattern of file names")


def _file(row: Row, column: str) -> str:
    cell = row.cells[column]
    if cell and not cell.lower().endswith(ENDINGS):
        raise row.refusal(column, f"must be one file, with an ending of {', '.join(ENDINGS)}")
    return _path(row, column, "a file")


def _path(row: Row, column: str, what: str) -> str:
    cell = row.cells[column]
    if len(cell) > 500 or any(len(part.encode()) > 255 or "\x00" in part for part in cell.split("/")):
        raise row.refusal(column, f"must be {what}; no file can be called so")
    return cell
