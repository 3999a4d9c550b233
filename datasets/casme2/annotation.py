"""The annotation table of CASME II, from the rows of its workbook."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.action_units import parse
from merbench.clips import COLUMNS, Annotations
from merbench.errors import AnnotationError
from merbench.tables import Row, Sheet

from . import states
from .schemes import EMOTIONS
from .workbook import CODING

if TYPE_CHECKING:
    import pandas as pd

FPS = 200.0

#: How a cell says that no apex was annotated; the file itself has one ``/``.
_NO_APEX = frozenset({"", "/", "nan"})
_SUBJECT = re.compile(r"(?:s|sub|subject)?[\s_-]*0*([1-9][0-9]?)", re.IGNORECASE)
_CLIP = re.compile(r"[^\s/\\.][^/\\]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """One row of the workbook, read; `apex` is as annotated, even where it lies outside `onset`..`offset`."""

    subject: str
    clip: str
    onset: int
    apex: int | None
    offset: int
    emotion: str
    action_units: str
    objective_class: str


def read_annotations(root: Path, chosen: str) -> Annotations:
    """The annotation table of the workbook under `root`, with its state; `chosen`, if not empty, names the file.

    Raises:
        MissingData: if there is no workbook.
        AnnotationError: naming file, row, column, value, rule and mend.
    """
    sheet, notes = CODING.read(root, chosen)
    coded = _coded(sheet)
    classes = "objective_class" in sheet.headers
    state, told = states.recognise(
        (
            states.Row(clip=f"{row.subject}/{row.clip}", emotion=row.emotion, action_units=row.action_units)
            for row in coded
        ),
        objective_classes=classes,
    )
    table = _table(coded, classes=classes)
    return Annotations(table=table, state=state, notes=(*notes, *told, *_oddities(sheet, coded)))


def _coded(sheet: Sheet) -> list[Coded]:
    first: dict[tuple[str, str, int], Row] = {}
    coded = []
    for row in sheet.rows:
        clip = _read(row)
        key = (clip.subject, clip.clip, clip.onset)
        if key in first:
            raise row.refusal(
                "clip",
                f"stands in row {first[key].number} too, with subject {clip.subject} and onset {clip.onset}, "
                "and must be there once",
                "delete one of the two rows",
            )
        first[key] = row
        coded.append(clip)
    if not coded:
        raise AnnotationError(
            f"{sheet.path}, sheet {sheet.name!r}: there is no row below the headers; give the workbook as distributed."
        )
    return coded


def _read(row: Row) -> Coded:
    onset, offset = row.whole("onset"), row.whole("offset")
    if onset > offset:
        raise row.refusal("onset", f"must not lie after {row.headers['offset']}, which is {offset}")
    return Coded(
        subject=_subject(row),
        clip=_clip(row),
        onset=onset,
        apex=_apex(row),
        offset=offset,
        emotion=row.text("emotion").lower(),
        action_units=row.cells["action_units"],
        objective_class=row.cells["objective_class"],
    )


def _subject(row: Row) -> str:
    match = _SUBJECT.fullmatch(row.text("subject"))
    if match is None:
        raise row.refusal("subject", "must be a number from 1 to 99, such as 01 or sub01")
    return f"{int(match[1]):02d}"


def _clip(row: Row) -> str:
    if _CLIP.fullmatch(row.text("clip")) is None:
        raise row.refusal("clip", "must be the name of a folder, such as EP02_01f")
    return row.cells["clip"]


def _apex(row: Row) -> int | None:
    return None if row.cells["apex"].lower() in _NO_APEX else row.whole("apex")


def _table(coded: Iterable[Coded], *, classes: bool) -> pd.DataFrame:
    import pandas as pd

    clips = tuple(coded)
    columns = {name: [getattr(clip, name) for clip in clips] for name in COLUMNS if name != "fps"}
    table = pd.DataFrame({**columns, "apex": pd.array(columns["apex"], dtype="Int64"), "fps": FPS})
    if classes:
        table["objective_class"] = [clip.objective_class for clip in clips]
    return table


def _oddities(sheet: Sheet, coded: list[Coded]) -> Iterator[str]:
    emotions = Counter(clip.emotion for clip in coded)
    for emotion in sorted(emotions.keys() - EMOTIONS["2014"].keys()):
        yield f"{sheet.path}: {emotions[emotion]} clips of {emotion!r}, which no label scheme of CASME II has."
    uncoded = [
        f"row {row.number} ({clip.action_units!r})"
        for row, clip in zip(sheet.rows, coded, strict=True)
        if not _readable(clip.action_units)
    ]
    if uncoded:
        yield f"{sheet.path}: action units that cannot be read are kept as text: {', '.join(uncoded)}."


def _readable(action_units: str) -> bool:
    try:
        parse(action_units)
    except AnnotationError:
        return False
    return True
