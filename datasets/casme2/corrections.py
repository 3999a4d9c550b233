"""The known bad cells of CASME II's annotation, as far as two sources agree on what they should be."""

from __future__ import annotations

from merbench.annotations.corrections import Correction

CORRECTIONS = (
    Correction(
        clip="12/EP09_06",
        field="offset",
        old="111",
        new="106",
        why="the expression ends there; the apex, on 111 too, is then outside and left to --apex",
        source="two public copies of the annotation (ini17, xiazhaoqiang), unverified against the frames",
    ),
    Correction(
        clip="16/EP01_08",
        field="offset",
        old="110",
        new="96",
        why="the cropped frames end there",
        source="public code and two public copies of the annotation (SLSTT, ini17, xiazhaoqiang), unverified against "
        "the frames",
    ),
)
