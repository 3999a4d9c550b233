"""The label schemes of DFME, and the counts that each must give, by which of its splits are there."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from merbench.annotations.schemes import counted

#: Clips an emotion by split, in the order of the file's column `EmotionId`.
EMOTIONS: Mapping[str, Mapping[str, int]] = {
    split: dict(zip(("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise"), clips, strict=True))
    for split, clips in {
        "train": (161, 100, 548, 265, 206, 278, 298),
        "testA": (39, 34, 129, 62, 63, 46, 101),
        "testB": (41, 37, 58, 38, 42, 35, 48),
    }.items()
}
SPLITS = tuple(EMOTIONS)
#: No subject is in two splits.
SUBJECTS: Mapping[str, int] = {"train": 176, "testA": 42, "testB": 41}
#: Clips by frames a second.
RATES: Mapping[str, Mapping[int, int]] = {
    "train": {500: 695, 300: 605, 200: 556},
    "testA": {500: 215, 300: 143, 200: 116},
    "testB": {500: 83, 300: 57, 200: 159},
}


def state_of(splits: tuple[str, ...]) -> str:
    """The annotation state that has those splits: ``train+testA``."""
    return "+".join(splits)


_SUBSETS = [splits for size in range(len(SPLITS), 0, -1) for splits in combinations(SPLITS, size)]
#: Clips an emotion, by annotation state: any of the workbooks may be lacking.
STATES: Mapping[str, Mapping[str, int]] = {
    state_of(splits): {emotion: sum(EMOTIONS[split][emotion] for split in splits) for emotion in EMOTIONS["train"]}
    for splits in _SUBSETS
}
#: Subjects by annotation state; each shows more than one emotion of every scheme.
SUBJECTS_BY_STATE: Mapping[str, int] = {
    state_of(splits): sum(SUBJECTS[split] for split in splits) for splits in _SUBSETS
}

SEVEN_CLASS = counted(
    "7-class",
    {emotion: emotion for emotion in EMOTIONS["train"]},
    STATES,
    "Zhao et al., DFME, 2023: every emotion, numbered 0 to 6 in this order in the annotation files",
    subjects=SUBJECTS_BY_STATE,
    users="work on DFME, on its fixed split or in folds of subjects",
)

THREE_CLASS = counted(
    "3-class",
    {
        **dict.fromkeys(("anger", "contempt", "disgust", "fear", "sadness"), "negative"),
        "happiness": "positive",
        "surprise": "surprise",
    },
    STATES,
    "a choice: the classes of MEGC 2019, whose composite lacks DFME",
    subjects=SUBJECTS_BY_STATE,
    users="no publication known; for runs together with databases of three classes",
)

SCHEMES = (SEVEN_CLASS, THREE_CLASS)
