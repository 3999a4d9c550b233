"""The rows of the user's CSV file, checked line by line."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.action_units import simplified
from merbench.annotations.cells import NOTHING
from merbench.annotations.clips import COLUMNS, Annotations, Clip, moment_column
from merbench.annotations.sheets import Column, Row, Sheet, read_rows, read_sheet
from merbench.data.precomputed import ENDINGS, PRECOMPUTED
from merbench.errors import AnnotationError, MissingData
from merbench.plural import plural

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
    "emotion": Column("emotion", instead="class"),
    "action_units": Column("action_units", optional=True),
    "fps": Column("fps", optional=True),
    "class": Column("class", optional=True),
    "frames": Column("frames", optional=True),
    "landmarks": Column("landmarks", optional=True),
    **{name: Column(name, optional=True) for name in PRECOMPUTED},
}

#: What the column `split` says of clips that are trained on; every other word names a test split.
TRAIN = "train"
#: Words that tables use for one emotion, of which one is the usual.
_ALIKE = {
    "happy": "happiness", "sad": "sadness", "surprised": "surprise", "angry": "anger", "disgusted": "disgust",
    "fearful": "fear", "other": "others", "neg": "negative", "pos": "positive", "repressed": "repression",
}  # fmt: skip
_NAME = re.compile(r"[^/\\\x00-\x1f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One row, read; `frames`, `landmarks` and what is `precomputed` are as written, `place` is file and line."""

    place: str
    dataset: str
    subject: str
    clip: str
    onset: int | None
    apex: int | None
    offset: int | None
    emotion: str
    action_units: str
    fps: float
    label: str
    frames: str
    landmarks: str
    precomputed: Mapping[str, str]
    further: Mapping[str, str]
    #: What optional columns hold that cannot be read, as ``column 'cell'``.
    unread: tuple[str, ...] = ()

    @property
    def as_clip(self) -> Clip:
        """Its clip."""
        return Clip(
            dataset=self.dataset,
            subject=self.subject,
            name=self.clip,
            onset=self.onset,
            apex=self.apex,
            offset=self.offset,
        )


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A CSV file and its rows; `classes` says whether it has the column of that name."""

    path: Path
    rows: tuple[Listed, ...]
    classes: bool

    @cached_property
    def by_key(self) -> dict[str, Listed]:
        """The rows by the keys of their clips."""
        return {row.as_clip.key: row for row in self.rows}

    def annotations(self) -> Annotations:
        """The table: the usual columns, dataset, class if there is one, and the further columns."""
        import pandas as pd

        columns = {name: [getattr(row, name) for row in self.rows] for name in (*COLUMNS, "dataset")}
        columns |= {name: moment_column(columns[name]) for name in ("onset", "offset")}
        if self.classes:
            columns["class"] = [row.label for row in self.rows]
        columns |= {name: [row.further[name] for row in self.rows] for name in self.rows[0].further}
        table: pd.DataFrame = pd.DataFrame({**columns, "apex": pd.array(columns["apex"], dtype="Int64")})
        return Annotations(
            table=table, state=f"{self.path.name}, {plural(len(self.rows), 'row')}", notes=tuple(self._notes())
        )

    @cached_property
    def datasets(self) -> tuple[str, ...]:
        """The datasets of the rows, sorted."""
        return tuple(sorted({row.dataset for row in self.rows}))

    def _notes(self) -> Iterator[str]:
        reversed_ = [f"{row.place} ({row.onset}..{row.offset})" for row in self.rows if row.as_clip.reversed]
        if reversed_:
            yield f"The offset lies before the onset, and a run leaves out, {', '.join(reversed_)}."
        unread = [f"{row.place}: {each}" for row in self.rows for each in row.unread]
        if unread:
            more = f" and {len(unread) - 3} more" if len(unread) > 3 else ""
            yield f"Cells of optional columns count as empty, since they cannot be read: {'; '.join(unread[:3])}{more}."
        emotions = {row.emotion for row in self.rows}
        for word, usual in _ALIKE.items():
            if {word, usual} <= emotions:
                yield f"Emotions {word!r} and {usual!r} are two classes unless a scheme maps both; write one of them."


def read_listing(root: Path | None, *, labelled: bool = True) -> Listing:
    """The rows of the CSV file that `root` is or holds; unless `labelled` or given a class, they may lack emotions.

    Raises:
        MissingData: if there is none.
        AnnotationError: naming file, line, column, value, rule and remedy of each line refused.
    """
    sheet = _sheet(root, NAMED if labelled else {**NAMED, "emotion": Column("emotion", optional=True)})
    first: dict[str, Row] = {}

    def read(row: Row) -> Listed:
        listed = _read(row, labelled)
        if (taken := first.setdefault(listed.as_clip.key, row)) is not row:
            raise row.refusal(
                "clip",
                f"stands in line {taken.number} too, with the same dataset, subject and onset, and must be there once",
                "delete one of the two lines",
            )
        return listed

    rows = read_rows(sheet.rows, read)
    if not rows:
        raise AnnotationError(f"{sheet.path}: there is no row below the headers; write one a clip.")
    return Listing(path=sheet.path, rows=tuple(rows), classes="class" in sheet.headers)


def _sheet(root: Path | None, columns: Mapping[str, Column]) -> Sheet:
    if root is not None and root.is_file():
        if root.suffix.lower() != ".csv":
            raise AnnotationError(f"manifest: {root} must be a file with the ending .csv; save the table as CSV.")
        return _read_own(root, columns)
    if root is None or not root.is_dir():
        raise MissingData(f"manifest: {root} does not exist. Say where the table lies with --data manifest=FILE.csv.")
    files = sorted(path for path in root.glob("*.[cC][sS][vV]") if path.name[0] not in ".~" and path.is_file())
    if len(files) != 1:
        names = ", ".join(path.name for path in files) or "none"
        raise (AnnotationError if files else MissingData)(
            f"manifest: the folder {root} must hold one .csv file, but holds {names}. "
            "Name the file itself: --data manifest=FILE.csv."
        )
    return _read_own(files[0], columns)


def _read_own(path: Path, columns: Mapping[str, Column]) -> Sheet:
    command = f"merbench data import {shlex.quote(str(path))} --out clips.csv"
    return read_sheet(path, columns, remedy=f"have a table with other headers rewritten: {command}")


def _read(row: Row, labelled: bool) -> Listed:
    return Listed(
        place=row.place,
        dataset=_name(row, "dataset"),
        subject=_name(row, "subject"),
        clip=_name(row, "clip"),
        onset=_moment(row, "onset"),
        apex=None if row.cells["apex"].lower() in NOTHING else row.whole("apex"),
        offset=_moment(row, "offset"),
        emotion=_emotion(row, labelled),
        action_units=_action_units(row),
        fps=_fps(row),
        label=row.cells["class"].lower(),
        frames=_files(row, "frames"),
        landmarks=_files(row, "landmarks"),
        precomputed={name: _file(row, name) for name in PRECOMPUTED},
        unread=tuple(_unread(row)),
        further=row.further,
    )


def _moment(row: Row, column: str) -> int | None:
    """The onset or offset; None where it is empty in a row that names no frames, of which none could be read."""
    if row.cells[column].lower() not in NOTHING or row.cells["frames"]:
        return row.whole(column)
    return None


def _emotion(row: Row, labelled: bool) -> str:
    """The emotion, which may be empty where it need not be known, or where the row has a class instead.

    Nor need it be known of a clip of a test split: a run leaves it out and says so, and `predict` predicts it.
    """
    if labelled and not row.cells["class"] and row.further.get("split", "").strip() in ("", TRAIN):
        return row.text("emotion" if "emotion" in row.headers else "class").lower()
    return row.cells["emotion"].lower()


def _name(row: Row, column: str) -> str:
    if _NAME.fullmatch(row.text(column)) is None:
        raise row.refusal(column, "must be a name without slashes and line breaks")
    return row.cells[column]


def _unread(row: Row) -> Iterator[str]:
    units, fps = row.cells["action_units"], row.cells["fps"]
    if units.lower() not in NOTHING and not _action_units(row):
        yield f"action_units {units!r}"
    if fps.lower() not in NOTHING and math.isnan(_fps(row)):
        yield f"fps {fps!r}"


def _action_units(row: Row) -> str:
    """The action units in the plain notation; empty where the cell cannot be read, since no run needs them."""
    try:
        return simplified(row.cells["action_units"])
    except AnnotationError:
        return ""


def _fps(row: Row) -> float:
    """The frames a second; not a number where the cell holds none above 0, since no run needs them."""
    try:
        fps = float(row.cells["fps"] or math.nan)
    except ValueError:
        fps = math.nan
    return fps if 0 < fps < math.inf else math.nan


def _files(row: Row, column: str) -> str:
    cell = _slashes(row.cells[column])
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
    cell = _slashes(row.cells[column])
    if len(cell) > 500 or any(len(part.encode()) > 255 or "\x00" in part for part in cell.split("/")):
        raise row.refusal(column, f"must be {what}; no file can be called so")
    return cell


def _slashes(cell: str) -> str:
    """A path as written on any system."""
    return cell.replace("\\", "/")
