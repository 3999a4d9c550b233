"""The label schemes of SAMM, and the counts that each must give."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.schemes import counted

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

FIVE_CLASS = counted(
    "5-class",
    {emotion: emotion for emotion in ("anger", "contempt", "happiness", "surprise", "other")},
    STATES,
    "the five classes of most clips, as much released code has them: 136 clips of 27 subjects",
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
    "See et al., MEGC 2019: all but other, 133 clips of 28 subjects",
)

EIGHT_CLASS = counted(
    "8-class", {emotion: emotion for emotion in EMOTIONS}, STATES, "every emotion of the annotation file"
)

SCHEMES = (FIVE_CLASS, THREE_CLASS_MEGC2019, EIGHT_CLASS)
