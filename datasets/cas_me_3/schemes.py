"""The label schemes of CAS(ME)^3, parts A and C, and the counts that each must give."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.annotations.schemes import LabelScheme, counted
from merbench.dataset import Known

#: Part A: clips an emotion in the second version of its labels; ``Others``, as three cells have it, is counted here.
EMOTIONS_A: Mapping[str, int] = {
    "disgust": 250,
    "surprise": 187,
    "others": 161,
    "fear": 86,
    "anger": 64,
    "sad": 57,
    "happy": 55,
}
#: Part A: clips by objective class, in the same file.
OBJECTIVE_CLASSES: Mapping[str, int] = {"I": 15, "II": 151, "III": 234, "IV": 37, "V": 47, "VI": 3, "VII": 373}
#: Part C: clips an emotion.
EMOTIONS_C: Mapping[str, int] = {"negative": 99, "surprise": 30, "others": 20, "positive": 16}

STATE_A, STATE_A_1, STATE_C = "v2", "v1", "165-row"
_COUNTED = "counted in the annotation file itself"
KNOWN_A: Mapping[str, Known] = {STATE_A: Known(emotions=EMOTIONS_A, subjects=94, source=_COUNTED)}
KNOWN_C: Mapping[str, Known] = {STATE_C: Known(emotions=EMOTIONS_C, subjects=30, source=_COUNTED)}

_THREE: Mapping[str, str] = {
    **dict.fromkeys(("disgust", "fear", "anger", "sad"), "negative"),
    "happy": "positive",
    "surprise": "surprise",
}
_USERS = "most papers on part A; some of them on fewer clips (687, 816, 854), by filters that are not published"

THREE_CLASS_A = counted(
    "3-class",
    _THREE,
    {STATE_A: EMOTIONS_A},
    "disgust, fear, anger and sad are negative, others fall out; six subjects have nothing else; "
    "--corrections merbench-1 keeps the three clips whose offset lies before the onset",
    subjects={STATE_A: 88},
    users=_USERS,
)

FOUR_CLASS_A = counted(
    "4-class",
    {**_THREE, "others": "others"},
    {STATE_A: EMOTIONS_A},
    "the three classes, and others",
    subjects={STATE_A: 94},
    users=_USERS,
)

SEVEN_CLASS_A = counted(
    "7-class",
    {emotion: emotion for emotion in EMOTIONS_A},
    {STATE_A: EMOTIONS_A},
    "every emotion of the annotation file",
    subjects={STATE_A: 94},
    users=_USERS,
)

OBJECTIVE_A = LabelScheme(
    name="objective",
    classes=("I", "II", "III", "IV", "V"),
    mapping={label.lower(): label for label in ("I", "II", "III", "IV", "V")},
    column="objective_class",
    source="the column of objective classes, not derived from action units; VI and VII fall out",
    counts={STATE_A: {label: OBJECTIVE_CLASSES[label] for label in ("I", "II", "III", "IV", "V")}},
)

FOUR_CLASS_C = counted(
    "4-class",
    {emotion: emotion for emotion in ("negative", "positive", "surprise", "others")},
    {STATE_C: EMOTIONS_C},
    "every emotion of the annotation file",
    subjects={STATE_C: 30},
)

THREE_CLASS_C = counted(
    "3-class",
    {emotion: emotion for emotion in ("negative", "positive", "surprise")},
    {STATE_C: EMOTIONS_C},
    "the emotions less others",
)

SCHEMES_A: tuple[LabelScheme, ...] = (THREE_CLASS_A, FOUR_CLASS_A, SEVEN_CLASS_A, OBJECTIVE_A)
SCHEMES_C: tuple[LabelScheme, ...] = (FOUR_CLASS_C, THREE_CLASS_C)
