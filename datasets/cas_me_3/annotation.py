"""The annotation tables of CAS(ME)^3, parts A and C, from their workbooks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from merbench.annotations.coded_clips import CodedClip, Reading, subject_number, whole_or_part
from merbench.annotations.sheets import Column, Row, Sheet
from merbench.annotations.table_format import TableFormat
from merbench.annotations.workbook import WorkbookFormat
from merbench.plural import plural

from .schemes import EMOTIONS_A, EMOTIONS_C, STATE_A, STATE_A_1, STATE_C

FPS = 30.0
NAMES_A = ("cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx", "cas(me)3_part_A_ME_label_JpgIndex_v1.xls")
NAMES_C = ("CAS(ME)3_part_C_ME.xlsx", "cas(me)3_part_C_ME.xlsx")
SHEET_A, SHEET_C = "label", "mockCrimeME"
#: Rows and subjects of the first version of part A's labels, whose emotions nobody counted.
_V1 = (921, 95)
#: A clip of more frames, five seconds, is named in a note: part A has 17.
_LONG = 150

_SP = re.compile(r"sp[\s_-]*no[\s._-]*0*([1-9][0-9]{0,2})", re.IGNORECASE)

COLUMNS_A: Mapping[str, Column] = {
    "subject": Column("Subject", ("Sub",)),
    "clip": Column("Filename", ("Clip", "Video")),
    "onset": Column("Onset", ("OnsetFrame",)),
    "apex": Column("Apex", ("ApexFrame",)),
    "offset": Column("Offset", ("OffsetFrame",)),
    "action_units": Column("AU", ("AUs", "Action Units"), optional=True),
    "objective_class": Column("Objective class", ("Objective Classes",), optional=True),
    "emotion": Column("emotion", ("Estimated Emotion",)),
}
COLUMNS_C: Mapping[str, Column] = {
    "subject": Column("sub", ("Subject",)),
    "clip": Column("count", ("Filename", "Clip")),
    "onset": Column("onset", ("OnsetFrame",)),
    "apex": Column("apex", ("ApexFrame",), optional=True),
    "offset": Column("offset", ("OffsetFrame",)),
    "action_units": Column("au", ("AUs", "Action Units"), optional=True),
    "emotion": Column("emotion", ("Estimated Emotion",)),
}
CODING_A = WorkbookFormat(dataset="cas-me-3a", names=NAMES_A, columns=COLUMNS_A, sheet=SHEET_A)
CODING_C = WorkbookFormat(dataset="cas-me-3c", names=NAMES_C, columns=COLUMNS_C, sheet=SHEET_C)


def _sp_number(row: Row) -> str:
    match = _SP.fullmatch(row.text("subject"))
    return f"spNO.{int(match[1]) if match else subject_number(row)}"


READING_A = Reading(
    subject=_sp_number,
    emotions={"other": "others", "happiness": "happy", "sadness": "sad"},
    more=("objective_class",),
    keep_reversed=True,
)
READING_C = Reading(subject=lambda row: str(subject_number(row, 99)), emotions={"other": "others"})


def _state_a(sheet: Sheet, clips: Sequence[CodedClip]) -> tuple[str, tuple[str, ...]]:
    if (len(clips), len({clip.subject for clip in clips})) == _V1:
        return STATE_A_1, (f"{sheet.path}: the first version of the labels; schemes have counts of the second.",)
    return whole_or_part(clips, EMOTIONS_A, STATE_A)


def _long(sheet: Sheet, clips: Sequence[CodedClip]) -> Iterator[str]:
    lasting = [f"{clip.name}/{clip.onset}" for clip in clips if clip.offset - clip.onset >= _LONG]
    if lasting:
        yield f"{sheet.path}: longer than {_LONG} frames, and left as annotated: {', '.join(lasting)}."
    still = Counter(clip.apex == clip.onset for clip in clips)[True]
    if still:
        yield f"{sheet.path}: the apex is the onset in {plural(still, 'clip')}, and left as annotated."


TABLE_A = TableFormat(workbook=CODING_A, reading=READING_A, fps=FPS, state=_state_a, doubts=_long)
TABLE_C = TableFormat(
    workbook=CODING_C,
    reading=READING_C,
    fps=FPS,
    state=lambda sheet, clips: whole_or_part(clips, EMOTIONS_C, STATE_C),
)
