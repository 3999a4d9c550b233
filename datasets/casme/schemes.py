"""The label scheme of CASME, and the counts that it must give."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.schemes import counted

#: Clips an emotion, as counted in a copy of the annotation.
EMOTIONS: Mapping[str, int] = {
    "tense": 68,
    "disgust": 45,
    "repression": 39,
    "surprise": 20,
    "happiness": 7,
    "sadness": 6,
    "contempt": 2,
    "fear": 2,
}

FOUR_CLASS = counted(
    "4-class",
    {emotion: emotion for emotion in ("tense", "disgust", "repression", "surprise")},
    {"189-row": EMOTIONS},
    # Papers usually print 171 (69, 44, 38, 20), which no copy at hand gives.
    "the four classes of most clips: 172 of 18 subjects",
)

SCHEMES = (FOUR_CLASS,)
