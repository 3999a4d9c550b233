"""The label schemes of CAS(ME)^2, and the counts that each must give."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.annotations.schemes import LabelScheme, counted
from merbench.dataset import Known

#: Micro-expressions by annotation state, which is named after them: in the interval list of the MEGC 2020 baseline, and
#: in a reduced copy of the annotation.
MICRO: Mapping[str, int] = {"57-micro": 57, "54-micro": 54}
STATE = "57-micro"

#: Clips an estimated emotion, as papers print them; no copy with that column was available to count: unverified.
EMOTIONS: Mapping[str, int] = {"negative": 21, "positive": 8, "surprise": 9, "others": 19}
KNOWN: Mapping[str, Known] = {
    STATE: Known(
        emotions=EMOTIONS,
        subjects=14,
        source="57 clips of 14 subjects counted in the interval list of the MEGC 2020 baseline; by emotion from memory "
        "of the literature, unverified",
    )
}

FOUR_CLASS = counted(
    "4-class",
    {emotion: emotion for emotion in EMOTIONS},
    {STATE: EMOTIONS},
    "the estimated emotions of the annotation file; the counts by class are unverified",
    subjects={STATE: 14},
)

THREE_CLASS = counted(
    "3-class",
    {emotion: emotion for emotion in EMOTIONS if emotion != "others"},
    {STATE: EMOTIONS},
    "the estimated emotions less others; the counts by class are unverified",
)

SELF_REPORT = LabelScheme(
    name="self-report",
    classes=(),
    mapping={},
    column="self_report",
    source="what participants said that they felt, each word a class; in the 54-row copy these are disgust 16, "
    "happiness 12, surprise 10, anger 8, fear 4, pain 2, helpless 1, sadness 1",
)

SCHEMES: tuple[LabelScheme, ...] = (FOUR_CLASS, THREE_CLASS, SELF_REPORT)
