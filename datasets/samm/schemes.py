"""The label schemes of SAMM, and the counts that each must give."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.annotations.schemes import LabelScheme, counted
from merbench.dataset import Known

#: Clips an emotion, in the file as distributed and in corrected copies alike.
EMOTIONS: Mapping[str, int] = {
    "anger": 57,
    "happiness": 26,
    "other": 26,
    "surprise": 15,
    "contempt": 12,
    "disgust": 9,
    "fear": 8,
    "sadness": 6,
}
STATES = dict.fromkeys(("v2", "v2-corrected"), EMOTIONS)


#: Clips by cell of the column of objective classes: 1 to 7 stand for I to VII.
OBJECTIVE_CLASSES: Mapping[str, int] = {"1": 24, "2": 13, "3": 20, "4": 8, "5": 3, "6": 7, "7": 84}
KNOWN: Mapping[str, Known] = {
    state: Known(emotions=EMOTIONS, subjects=29, source="counted in the annotation file itself") for state in STATES
}

FIVE_CLASS = counted(
    "5-class",
    {emotion: emotion for emotion in ("anger", "contempt", "happiness", "surprise", "other")},
    STATES,
    "the five emotions of most clips; subjects 024 and 036 have none of them",
    subjects=dict.fromkeys(STATES, 27),
    users="SLSTT, and much released code",
)

THREE_CLASS_MEGC2019 = counted(
    "3-class-megc2019",
    {
        **dict.fromkeys(("anger", "contempt", "disgust", "fear", "sadness"), "negative"),
        "happiness": "positive",
        "surprise": "surprise",
    },
    STATES,
    # The official list of 442 rows. A second one, of 441, lacks 032_3_1, whose apex lies outside the clip.
    "See et al., MEGC 2019: all but other; subject 025 has nothing else",
    subjects=dict.fromkeys(STATES, 28),
    users="the MEGC 2019 challenge, and what is compared with its composite of SMIC, CASME II and SAMM",
)

EIGHT_CLASS = counted(
    "8-class",
    {emotion: emotion for emotion in EMOTIONS},
    STATES,
    "every emotion of the annotation file",
    subjects=dict.fromkeys(STATES, 29),
)

_ROMAN: Mapping[str, str] = {"1": "I", "2": "II", "3": "III", "4": "IV", "5": "V"}
_OBJECTIVE_COUNTS = {label: OBJECTIVE_CLASSES[cell] for cell, label in _ROMAN.items()}

OBJECTIVE = LabelScheme(
    name="objective",
    classes=tuple(_ROMAN.values()),
    # copies write the class as a number or in Roman
    mapping={**_ROMAN, **{label.lower(): label for label in _ROMAN.values()}},
    column="objective_class",
    source="the column of objective classes (Davison et al., 2018), not derived from action units; VI and VII fall out",
    counts=dict.fromkeys(STATES, _OBJECTIVE_COUNTS),
    subjects=dict.fromkeys(STATES, 21),
    users="the MEGC 2018 challenge (CDE and HDE on CASME II and SAMM)",
)

SCHEMES: tuple[LabelScheme, ...] = (FIVE_CLASS, THREE_CLASS_MEGC2019, EIGHT_CLASS, OBJECTIVE)
