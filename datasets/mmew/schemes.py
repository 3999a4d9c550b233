"""The label schemes of MMEW, and the counts that each must give."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.annotations.schemes import counted
from merbench.dataset import Known

#: Clips an emotion; in this order they are numbered 1 to 7 in the clips' names.
EMOTIONS: Mapping[str, int] = {
    "happiness": 36,
    "surprise": 89,
    "disgust": 72,
    "others": 66,
    "fear": 16,
    "sadness": 13,
    "anger": 8,
}
#: Of the annotation file; the paper is said to have 36 participants (unverified).
SUBJECTS = 30
STATES = {"300-row": EMOTIONS}
KNOWN: Mapping[str, Known] = {
    "300-row": Known(emotions=EMOTIONS, subjects=SUBJECTS, source="counted in a copy of the annotation file")
}
_ALL = dict.fromkeys(STATES, SUBJECTS)

FOUR_CLASS = counted(
    "4-class",
    {emotion: emotion for emotion in ("happiness", "surprise", "disgust", "others")},
    STATES,
    "the four emotions of most clips: 263 of 300",
    subjects=_ALL,
    users="Li et al., MMNet, IJCAI 2022; SKD-TSTSAN and MEMix after it",
)

SIX_CLASS = counted(
    "6-class",
    {emotion: emotion for emotion in EMOTIONS if emotion != "others"},
    STATES,
    "every emotion less others: 234 clips",
    subjects=_ALL,
)

SEVEN_CLASS = counted(
    "7-class",
    {emotion: emotion for emotion in EMOTIONS},
    STATES,
    "every emotion of the annotation file",
    subjects=_ALL,
)

THREE_CLASS = counted(
    "3-class",
    {
        **dict.fromkeys(("disgust", "fear", "sadness", "anger"), "negative"),
        "happiness": "positive",
        "surprise": "surprise",
    },
    STATES,
    "the classes of MEGC 2019, whose composite lacks MMEW: 234 clips",
    subjects=_ALL,
)

SCHEMES = (FOUR_CLASS, SIX_CLASS, SEVEN_CLASS, THREE_CLASS)
