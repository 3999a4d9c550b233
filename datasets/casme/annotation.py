"""The annotation table of CASME, from its workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from merbench.annotations.coded_clips import CodedClip, Reading, subject_number, whole_or_part
from merbench.annotations.sheets import Column, Sheet
from merbench.annotations.table_format import TableFormat
from merbench.annotations.workbook import WorkbookFormat

from .schemes import EMOTIONS, STATE

FPS = 60.0
NAMES = ("CASME.xls", "CASME.xlsx", "casme.xlsx")

#: Public code (tvaranka/meb) reads other frames than the annotation's for these; whether rightly is unverified.
DOUBTFUL = frozenset({"03/EP07_1", "03/EP09_3", "03/EP09_4", "06/EP02_5", "13/EP08_5"})

COLUMNS: Mapping[str, Column] = {
    "subject": Column("Subject", ("Sub",)),
    "clip": Column("Filename", ("Clip",)),
    "onset": Column("OnsetF", ("OnsetFrame", "Onset")),
    "apex": Column("ApexF1", ("ApexF", "ApexFrame", "Apex")),
    "apex_2": Column("ApexF2", optional=True),
    "offset": Column("OffsetF", ("OffsetFrame", "Offset")),
    "action_units": Column("AU", ("AUs", "Action Units", "Action Unit"), optional=True),
    "emotion": Column("Emotion", ("Estimated Emotion",)),
}
CODING = WorkbookFormat(dataset="casme", names=NAMES, columns=COLUMNS)
READING = Reading(subject=lambda row: f"{subject_number(row, 99):02d}", more=("apex_2",))


def _doubts(sheet: Sheet, clips: Sequence[CodedClip]) -> Iterator[str]:
    doubtful = sorted({clip.name for clip in clips} & DOUBTFUL)
    if doubtful:
        yield (
            f"{sheet.path}: public code reads other frames than annotated for {', '.join(doubtful)}; which are right "
            "is unverified. The corrections of merbench-1 take those of the code, but for 06/EP02_5."
        )


TABLE = TableFormat(
    workbook=CODING,
    reading=READING,
    fps=FPS,
    state=lambda sheet, clips: whole_or_part(clips, EMOTIONS, STATE),
    doubts=_doubts,
)
