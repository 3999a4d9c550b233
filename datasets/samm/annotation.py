"""The annotation table of SAMM, from its workbook.

The sheet has 13 rows above its header; re-saved copies have none. What the letters of the action units mean
(intensities, sides, asymmetry) is taken from the FACS manual's use of them, `ref(6)` as a cross-reference: unverified.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from merbench.annotations.coded_clips import CodedClip, Reading, subject_number, whole_or_part
from merbench.annotations.sheets import Column
from merbench.annotations.table_format import TableFormat
from merbench.annotations.workbook import WorkbookFormat

from .schemes import EMOTIONS

FPS = 200.0
NAMES = ("SAMM_Micro_FACS_Codes_v2.xlsx", "SAMM_20181215_Micro_FACS_Codes_v2.xlsx")
SHEET = "MICRO_ONLY"

#: The apex of these lies outside them in the file as distributed; corrected copies go by the same name.
BAD_APEX = frozenset({"028/028_4_1", "032/032_3_1"})

COLUMNS: Mapping[str, Column] = {
    "subject": Column("Subject", ("Sub",)),
    "clip": Column("Filename", ("Clip",)),
    "inducement": Column("Inducement Code", ("Inducement",), optional=True),
    "onset": Column("Onset Frame", ("Onset",)),
    "apex": Column("Apex Frame", ("Apex",)),
    "offset": Column("Offset Frame", ("Offset",)),
    "action_units": Column("Action Units", ("Action Unit", "AUs", "AU"), optional=True),
    "emotion": Column("Estimated Emotion", ("Emotion",)),
    "objective_class": Column("Objective Classes", ("Objective Class",), optional=True),
    "remarks": Column("Notes", optional=True),
}
CODING = WorkbookFormat(dataset="samm", names=NAMES, columns=COLUMNS, sheet=SHEET)

READING = Reading(
    subject=lambda row: f"{subject_number(row):03d}",
    emotions={"others": "other"},
    more=("inducement", "objective_class", "remarks"),
)


def _version(clips: Sequence[CodedClip]) -> str:
    corrected = [clip for clip in clips if clip.name in BAD_APEX and not clip.apex_outside]
    return "v2-corrected" if corrected else "v2"


TABLE = TableFormat(
    workbook=CODING,
    reading=READING,
    fps=FPS,
    state=lambda sheet, clips: whole_or_part(clips, EMOTIONS, _version(clips)),
)
