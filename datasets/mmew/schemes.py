"""The label schemes of MMEW, and the counts that each must give."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.schemes import counted

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
STATES = {"300-row": EMOTIONS}

FOUR_CLASS = counted(
    "4-class",
    {emotion: emotion for emotion in ("happiness", "surprise", "disgust", "others")},
    STATES,
    "Li et al., MMNet, IJCAI 2022, and code after it: the four classes of most clips, 263 of them",
)

SIX_CLASS = counted(
    "6-class",
    {emotion: emotion for emotion in EMOTIONS if emotion != "others"},
    STATES,
    "every emotion less others: 234 clips",
)

SEVEN_CLASS = counted(
    "7-class", {emotion: emotion for emotion in EMOTIONS}, STATES, "every emotion of the annotation file"
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
)

SCHEMES = (FOUR_CLASS, SIX_CLASS, SEVEN_CLASS, THREE_CLASS)
