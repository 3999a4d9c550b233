"""The list of corrections of CAS(ME)^3, part A: bad cells of its labels, second version.

Left out, as nobody says what is right: 55 clips whose apex is their onset, 17 of more than 150 frames, 8 overlapping
pairs.
"""

from __future__ import annotations

from merbench.annotations.corrections import Correction

_MEB = "public code (tvaranka/meb)"
_SINCE_NO_FRAME = "frame 0 is not there; another copy has apex 17"

CORRECTIONS: tuple[Correction, ...] = (
    Correction(
        clip="spNO.149/d",
        onset=112,
        field="apex",
        old="83",
        new="160",
        why="the apex lies before the onset",
        source="the official part_A_v2.xls, and public code (tvaranka/meb), of which another version has 123",
    ),
    Correction(
        clip="spNO.216/d",
        onset=3647,
        field="onset",
        old="3647",
        new="2647",
        why="the onset lies after the offset; one digit differs",
        source=f"{_MEB}, and a copy of the labels in public code",
    ),
    Correction(
        clip="spNO.40/e",
        onset=1812,
        field="offset",
        old="0",
        new="1845",
        why="the offset is missing",
        source=_MEB,
    ),
    Correction(
        clip="spNO.40/e",
        onset=2327,
        field="offset",
        old="0",
        new="2403",
        why="the offset is missing",
        source=_MEB,
    ),
    Correction(
        clip="spNO.214/c",
        onset=5,
        field="offset",
        old="3460",
        new="34",
        why="the clip would last 115 seconds",
        source=f"{_MEB}, unverified",
    ),
    Correction(clip="spNO.216/e", onset=0, field="onset", old="0", new="1", why=_SINCE_NO_FRAME, source=_MEB),
    Correction(clip="spNO.216/e", onset=0, field="apex", old="0", new="1", why=_SINCE_NO_FRAME, source=_MEB),
)
