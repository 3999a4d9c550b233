"""The list of corrections of SAMM: cells of the annotation file that are known to be bad.

Not in it, for want of a value that is agreed on or of the bad one: the apex of 032_3_2, which one repository
(tvaranka/meb) reads as 5130 instead of 5127, and the offset of 013_1_9, which it reads as 5739, as copies have it too.
"""

from __future__ import annotations

from merbench.annotations.corrections import Correction

_SOURCE = "copies of the file that circulate corrected, under the same name"

CORRECTIONS = (
    Correction(
        clip="028/028_4_1",
        field="apex",
        old="1143",
        new="1113",
        # others take 1088, 1105, 1124, 1134 or the middle
        why="the apex lies after the offset, 1134; the new one is unverified against the frames",
        source=_SOURCE,
    ),
    Correction(
        clip="032/032_3_1",
        field="apex",
        old="1930",
        new="4930",
        # others take 4937, 4945 or the middle
        why="the apex lies before the onset, 4896; the new one is unverified against the frames",
        source=_SOURCE,
    ),
)
