"""The annotation table of 4DME, from its workbook. All of it is as public code reads it: unverified."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from merbench.annotations.clips import Annotations
from merbench.annotations.coded_clips import CodedClip, Reading, clip_table, oddities
from merbench.annotations.sheets import Column, Row, Sheet
from merbench.annotations.workbook import WorkbookFormat
from merbench.plural import plural

from .schemes import EMOTIONS

FPS = 60.0
#: By arithmetic: 2031 clips of six databases (public code of CD6ME) less those of the five others.
CLIPS = 267
STATE = "267-row"
NAMES = ("4DME_Labelling_Micro_release v1.xlsx", "Micro and Macro-expression labels.xlsx")

_FOLDER = re.compile(r"[^\s/\\.][^/\\]*")
_AND = re.compile(r"[+/&,]")


def _column(header: str, *others: str, optional: bool = False) -> Column:
    """The column, whose header may have a stray apostrophe after it, as in an early file."""
    spellings = (*others, *(f"{name}'" for name in (header, *others)))
    return Column(header, spellings, optional=optional)


COLUMNS: Mapping[str, Column] = {
    "subject": _column("sub_ID", "SubID", "Subject"),
    "clip": _column("fold_name", "fold", "Filename"),
    "onset": _column("Onset", "OnsetFrame"),
    "apex": _column("Apex", "ApexFrame"),
    "offset": _column("Offset", "OffsetFrame"),
    "action_units": _column("AUs", "AU", "Action Units"),
    "emotion": _column("Emotion", "Emotions"),
    "eye_blink": _column("eye blink", optional=True),
    **{emotion: _column(emotion.capitalize(), optional=True) for emotion in EMOTIONS},
    "total": _column("Total", optional=True),
}
CODING = WorkbookFormat(dataset="4dme", names=NAMES, columns=COLUMNS)


def read_annotations(root: Path, chosen: str) -> Annotations:
    """The annotation table of the workbook under `root`, with its state; `chosen`, if not empty, names the file.

    Raises:
        MissingData: if there is no workbook.
        AnnotationError: naming file, row, column, value, rule and remedy.
    """
    sheet, notes = CODING.read(root, chosen)
    sheet, totals = _without_totals(sheet)
    clips = [dataclasses.replace(clip, emotion=_emotion(clip.emotion)) for clip in READING.clips(sheet)]
    state, state_notes = _state(clips)
    table = clip_table(clips, fps=FPS, present=sheet.headers)
    table["emotion_first"] = [clip.emotion.split("+")[0] for clip in clips]
    notes = (*notes, *totals, *state_notes, *_doubts(sheet, clips), *oddities(sheet, clips))
    return Annotations(table=table, state=state, notes=notes)


def _subject(row: Row) -> str:
    if _FOLDER.fullmatch(row.text("subject")) is None:
        raise row.refusal("subject", "must be the name of a folder")
    return row.cells["subject"]


READING = Reading(subject=_subject, more=("eye_blink",))


def _without_totals(sheet: Sheet) -> tuple[Sheet, tuple[str, ...]]:
    """The sheet less a last row that names no clip and no frame, and a note of it."""
    last = sheet.rows[-1:]
    if not last or any(last[0].cells[name] for name in ("clip", "onset", "apex", "offset")):
        return sheet, ()
    note = f"{last[0].place}: the last row names no clip; it is taken for totals and left out."
    return dataclasses.replace(sheet, rows=sheet.rows[:-1]), (note,)


def _emotion(text: str) -> str:
    """The emotions of a cell, in written order: ``surprise+positive`` for ``Surprise + Positive``."""
    parts = dict.fromkeys(part.strip() for part in _AND.split(text))
    return "+".join("others" if part == "other" else part for part in parts if part) or text


def _state(clips: Sequence[CodedClip]) -> tuple[str, tuple[str, ...]]:
    emotions = {part for clip in clips for part in clip.emotion.split("+")}
    if len(clips) > CLIPS or not emotions <= set(EMOTIONS):
        strange = ", ".join(sorted(emotions - set(EMOTIONS))) or "none"
        note = (
            f"Annotation state unrecognised: {plural(len(clips), 'clip')}, where at most {CLIPS} are expected "
            "(unverified), and "
            f"emotions besides {', '.join(EMOTIONS)}: {strange}."
        )
        return "unrecognised", (note,)
    if len(clips) == CLIPS:
        return STATE, ()
    return f"{STATE} (part)", (f"Part of annotation state {STATE} (unverified): {len(clips)} of {CLIPS} clips.",)


def _doubts(sheet: Sheet, clips: Sequence[CodedClip]) -> Iterator[str]:
    several = [clip.name for clip in clips if "+" in clip.emotion]
    if several:
        yield f"{sheet.path}: several emotions at once, and the scheme decides, in {', '.join(several)}."
    odd = [
        f"row {row.number} ({clip.emotion}, marked {'+'.join(marked)})"
        for row, clip in zip(sheet.rows, clips, strict=True)
        if (marked := _marked(row)) and set(marked) != set(clip.emotion.split("+"))
    ]
    if odd:
        mismatch = "the columns of 0 and 1 mark other emotions than the text, which is read, in"
        yield f"{sheet.path}: {mismatch} {', '.join(odd)}."


def _marked(row: Row) -> list[str]:
    return [emotion for emotion in EMOTIONS if row.cells[emotion] == "1"]
