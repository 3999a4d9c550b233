"""The label schemes of CASME II, and the counts that each must give by annotation state."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.schemes import LabelScheme

_EACH = ("happiness", "surprise", "disgust", "repression", "others", "sadness", "fear")
#: Clips an emotion, by annotation state. Those of sadness and fear in `256-row` are unverified: taken from 2014.
EMOTIONS: Mapping[str, Mapping[str, int]] = {
    "2014": dict(zip(_EACH, (32, 25, 63, 27, 99, 7, 2), strict=True)),
    "2019": dict(zip(_EACH, (32, 28, 63, 27, 99, 4, 2), strict=True)),
    "256-row": dict(zip(_EACH, (32, 25, 64, 27, 99, 7, 2), strict=True)),
}

#: Dropped by MEGC2019: 04/EP12_01f has no apex, 05/EP09_05f has it on its onset. The official list was made of the 2014
#: file, so the clips of subject 24 by which the other states differ are not in it either.
NOT_IN_MEGC2019 = frozenset({"04/EP12_01f", "05/EP09_05f", "24/EP07_01", "24/EP07_04f", "24/EP10_03", "24/EP02_07"})

_NEGATIVE = {"disgust": "negative", "repression": "negative"}
_THREE = {**_NEGATIVE, "happiness": "positive", "surprise": "surprise"}


def _counts(mapping: Mapping[str, str]) -> dict[str, dict[str, int]]:
    return {
        state: {
            label: sum(clips for emotion, clips in emotions.items() if mapping.get(emotion) == label)
            for label in dict.fromkeys(mapping.values())
        }
        for state, emotions in EMOTIONS.items()
    }


def _plain(name: str, classes: tuple[str, ...], source: str) -> LabelScheme:
    mapping = {emotion: emotion for emotion in classes}
    return LabelScheme(name=name, classes=classes, mapping=mapping, source=source, counts=_counts(mapping))


FIVE_CLASS = _plain(
    "5-class",
    ("happiness", "surprise", "disgust", "repression", "others"),
    "the five classes of Yan et al., PLOS ONE 2014; sadness and fear, of few clips, fall out",
)

THREE_CLASS_MEGC2019 = LabelScheme(
    name="3-class-megc2019",
    classes=("negative", "positive", "surprise"),
    # The guideline also calls anger, contempt, fear and sadness negative, but its list has no such clip of CASME II.
    mapping=_THREE,
    excluded=NOT_IN_MEGC2019,
    source="See et al., MEGC 2019: the 145 clips of the official list, the same in every annotation state",
    counts={state: {"negative": 88, "positive": 32, "surprise": 25} for state in EMOTIONS},
)

THREE_CLASS = LabelScheme(
    name="3-class",
    classes=("negative", "positive", "surprise"),
    mapping=_THREE,
    source="as MEGC 2019, without the clips that its official list drops",
    counts=_counts(_THREE),
)

_MMNET = {
    "happiness": "happiness",
    "surprise": "surprise",
    **dict.fromkeys(("disgust", "repression", "sadness", "fear"), "negative"),
}
THREE_CLASS_MMNET = LabelScheme(
    name="3-class-mmnet",
    classes=("happiness", "surprise", "negative"),
    mapping=_MMNET,
    source="the code released with Li et al., MMNet, IJCAI 2022, on the 2019 file: sadness and fear are negative too",
    counts=_counts(_MMNET),
)

FOUR_CLASS = _plain(
    "4-class",
    ("disgust", "happiness", "repression", "surprise"),
    "the five classes of the PLOS ONE paper less others",
)

SEVEN_CLASS = _plain(
    "7-class",
    _EACH,
    "every emotion of the annotation file",
)

SCHEMES = (FIVE_CLASS, THREE_CLASS_MEGC2019, THREE_CLASS, THREE_CLASS_MMNET, FOUR_CLASS, SEVEN_CLASS)
