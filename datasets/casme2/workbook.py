"""The annotation workbook of CASME II: its names and its columns."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.annotations.sheets import Column

#: The file of each annotation state, as it is distributed.
NAMES: Mapping[str, str] = {
    "2014": "CASME2-coding-20140508.xlsx",
    "2019": "CASME2-coding-20190701.xlsx",
    "256-row": "CASME2-coding-updated.xlsx",
}

COLUMNS: Mapping[str, Column] = {
    "subject": Column("Subject", ("Sub",)),
    "clip": Column("Filename", ("Clip",)),
    "onset": Column("OnsetFrame", ("Onset",)),
    "apex": Column("ApexFrame", ("Apex",)),
    "offset": Column("OffsetFrame", ("Offset",)),
    "action_units": Column("Action Units", ("Action Unit", "AUs", "AU"), optional=True),
    "emotion": Column("Estimated Emotion", ("Emotion",)),
    "objective_class": Column("Objective Classes", ("Objective Class",), optional=True),
}
