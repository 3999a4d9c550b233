"""The known bad rows of CASME's annotation: public code found other frames in the folders than are annotated.

What the file as distributed has in these cells was not available, so that the corrections take the place of whatever is
there. Two things are left out: the first of six events in 06/EP02_5, which that code ends at 40, since its onset, by
which a line would name it, was not available either; and the code's apexes, which are middle frames, as --apex middle
gives.
"""

from __future__ import annotations

from merbench.annotations.corrections import Correction, Field

_SOURCE = "public code (tvaranka/meb), unverified"


def _correction(clip: str, field: Field, new: int, why: str = "the folder holds no other frames") -> Correction:
    return Correction(clip=clip, field=field, old=None, new=str(new), why=why, source=_SOURCE)


CORRECTIONS = (
    _correction("03/EP07_1", "onset", 100, "the folder holds no other frames; an earlier version of that code has 108"),
    _correction("03/EP07_1", "offset", 149),
    _correction("03/EP09_3", "onset", 101),
    _correction("03/EP09_3", "offset", 119),
    _correction("03/EP09_4", "onset", 57),
    _correction("03/EP09_4", "offset", 74),
    _correction("13/EP08_5", "offset", 142),
)
