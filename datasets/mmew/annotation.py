"""The annotation table of MMEW, from its workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from merbench.annotations.coded_clips import CodedClip, Reading, subject_number, whole_or_part
from merbench.annotations.sheets import Column, Sheet
from merbench.annotations.table_format import TableFormat
from merbench.annotations.workbook import WorkbookFormat

from .schemes import EMOTIONS

FPS = 90.0
NAMES = ("MMEW_Micro_Exp.xlsx",)
STATE = "300-row"

#: Public code (tvaranka/meb) replaces apex and offset of most of their clips by about twice as much.
DOUBTFUL = ("04", "13")

COLUMNS: Mapping[str, Column] = {
    "subject": Column("Subject", ("Sub",)),
    "clip": Column("Filename", ("Clip",)),
    "onset": Column("OnsetFrame", ("Onset",)),
    "apex": Column("ApexFrame", ("Apex",)),
    "offset": Column("OffsetFrame", ("Offset",)),
    "action_units": Column("Action Units", ("Action Unit", "AUs", "AU"), optional=True),
    "emotion": Column("Estimated Emotion", ("Emotion",)),
    "remarks": Column("remarks", ("remark",), optional=True),
}
CODING = WorkbookFormat(dataset="mmew", names=NAMES, columns=COLUMNS)
READING = Reading(subject=lambda row: f"{subject_number(row, 99):02d}", emotions={"other": "others"}, more=("remarks",))


def _doubts(sheet: Sheet, clips: Sequence[CodedClip]) -> Iterator[str]:
    for subject in DOUBTFUL:
        if any(clip.subject == subject for clip in clips):
            yield (
                f"{sheet.path}: for most clips of S{subject} public code reads apexes and offsets about twice as "
                "large; they stay as annotated, and which are right is unverified."
            )
    strays = [clip.name for clip in clips if not clip.clip.upper().startswith(f"S{clip.subject}-")]
    if strays:
        yield f"{sheet.path}: the clip's name says another subject than its row for {', '.join(strays)}."


TABLE = TableFormat(
    workbook=CODING,
    reading=READING,
    fps=FPS,
    state=lambda sheet, clips: whole_or_part(clips, EMOTIONS, STATE),
    doubts=_doubts,
)
