"""The label scheme of CASME, and the counts that it must give."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.annotations.schemes import counted
from merbench.dataset import Known

STATE = "189-row"
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
#: Clips a subject, in the same copy.
BY_SUBJECT: Mapping[str, int] = {
    f"{number:02d}": clips
    for number, clips in enumerate((38, 2, 5, 5, 2, 18, 26, 24, 7, 6, 1, 3, 9, 11, 3, 4, 10, 15), start=1)
}
KNOWN: Mapping[str, Known] = {
    STATE: Known(
        emotions=EMOTIONS,
        subjects=18,
        by_subject=BY_SUBJECT,
        source="a count of a reduced copy of the file; the paper's abstract has 195 clips, of 19 subjects (unverified)",
    )
}

FOUR_CLASS = counted(
    "4-class",
    {emotion: emotion for emotion in ("tense", "disgust", "repression", "surprise")},
    {STATE: EMOTIONS},
    "the four classes of most clips: 172 of 18 subjects",
    subjects={STATE: 18},
    users="papers on CASME alone, which usually print 171 clips (69, 44, 38, 20; unverified); no copy at hand has them",
)

SCHEMES = (FOUR_CLASS,)
