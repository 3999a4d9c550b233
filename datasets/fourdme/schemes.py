"""The label schemes of 4DME. How many clips each must give is unknown: no annotation was at hand."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.annotations.schemes import LabelScheme

EMOTIONS = ("positive", "negative", "surprise", "repression", "others")

_EACH: Mapping[str, str] = {emotion: emotion for emotion in EMOTIONS}
_THREE: Mapping[str, str] = {
    "positive": "positive",
    "negative": "negative",
    "repression": "negative",
    "surprise": "surprise",
}

FIVE_CLASS = LabelScheme(
    name="5-class",
    classes=EMOTIONS,
    mapping=_EACH,
    source="Li et al., 4DME, 2022: its five emotions; clips that show several at once, such as surprise+positive, "
    "belong to none of the classes and fall out, each listed. Unverified",
)

FIVE_CLASS_FIRST = LabelScheme(
    name="5-class-first",
    classes=EMOTIONS,
    mapping=_EACH,
    column="emotion_first",
    source="a choice: as 5-class, and a clip that shows several emotions at once belongs to the one written first; "
    "whether the annotators' order means anything is unknown",
)

THREE_CLASS = LabelScheme(
    name="3-class",
    classes=("negative", "positive", "surprise"),
    mapping=_THREE,
    source="a choice: the classes of MEGC 2019, which count repression as negative and leave others out, and whose "
    "composite lacks 4DME; clips that show several emotions at once fall out, each listed",
)

SCHEMES = (FIVE_CLASS, FIVE_CLASS_FIRST, THREE_CLASS)
