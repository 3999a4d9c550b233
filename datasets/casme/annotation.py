"""The annotation table of CASME, from its workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from merbench.annotations.clips import Annotations
from merbench.annotations.coded_clips import CodedClip, Reading, annotated, subject_number, whole_or_part
from merbench.annotations.tables import Column, Sheet
from merbench.annotations.workbook import Coding

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
CODING = Coding(dataset="casme", names=NAMES, columns=COLUMNS)
READING = Reading(subject=lambda row: f"{subject_number(row, 99):02d}", more=("apex_2",))


def read_annotations(root: Path, chosen: str) -> Annotations:
    """The annotation table of the workbook under `root`, with its state; `chosen`, if not empty, names the file.

    Raises:
        MissingData: if there is no workbook.
        AnnotationError: naming file, row, column, value, rule and mend.
    """
    sheet, notes = CODING.read(root, chosen)
    clips = READING.clips(sheet)
    state, told = whole_or_part(clips, EMOTIONS, STATE)
    return annotated(sheet, clips, fps=FPS, state=state, notes=(*notes, *told, *_doubts(sheet, clips)))


def _doubts(sheet: Sheet, clips: Sequence[CodedClip]) -> Iterator[str]:
    doubtful = sorted({clip.name for clip in clips} & DOUBTFUL)
    if doubtful:
        yield (
            f"{sheet.path}: public code reads other frames than annotated for {', '.join(doubtful)}; which are right "
            "is unverified. The mends of merbench-1 take those of the code, but for 06/EP02_5."
        )
