"""The label schemes of CASME II, and the counts that each must give by annotation state."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.annotations.schemes import LabelScheme, counted
from merbench.dataset import Known

from . import class_file

_EACH = ("happiness", "surprise", "disgust", "repression", "others", "sadness", "fear")
#: Clips an emotion, by annotation state. Those of sadness and fear in `256-row` are unverified: taken from 2014.
EMOTIONS: Mapping[str, Mapping[str, int]] = {
    "2014": dict(zip(_EACH, (32, 25, 63, 27, 99, 7, 2), strict=True)),
    "2019": dict(zip(_EACH, (32, 28, 63, 27, 99, 4, 2), strict=True)),
    "256-row": dict(zip(_EACH, (32, 25, 64, 27, 99, 7, 2), strict=True)),
}
KNOWN: Mapping[str, Known] = {
    "2014": Known(emotions=EMOTIONS["2014"], subjects=26, source="a count of the file of 2014-05-08"),
    "2019": Known(emotions=EMOTIONS["2019"], subjects=26, source="a count of the file of 2019-07-01"),
    "256-row": Known(
        emotions=EMOTIONS["256-row"],
        subjects=26,
        source="the 247 clips of five classes in public code and in the PLOS ONE paper; sadness and fear, and that "
        "its other rows are those of 2014, are unverified",
    ),
}
#: Clips an objective class: in the class file of MEGC 2018, and in the column of the annotation of 2019.
OBJECTIVE_2018: Mapping[str, int] = dict(zip("1234567", (25, 15, 99, 26, 20, 1, 69), strict=True))
OBJECTIVE_2019: Mapping[str, int] = dict(zip("1234567", (30, 18, 93, 15, 18, 2, 79), strict=True))

#: Dropped by MEGC2019: 04/EP12_01f has no apex, 05/EP09_05f has it on its onset. The official list was made of the 2014
#: file, so the clips of subject 24 by which the other states differ are not in it either.
NOT_IN_MEGC2019 = frozenset({"04/EP12_01f", "05/EP09_05f", "24/EP07_01", "24/EP07_04f", "24/EP10_03", "24/EP02_07"})

_ALL = dict.fromkeys(EMOTIONS, 26)
#: Without subject 18, who has only `others`, and subject 10, who has sadness and fear besides.
_TWO_LESS = dict.fromkeys(EMOTIONS, 24)


def _plain(classes: tuple[str, ...]) -> Mapping[str, str]:
    return {emotion: emotion for emotion in classes}


FIVE_CLASS = counted(
    "5-class",
    _plain(("happiness", "surprise", "disgust", "repression", "others")),
    EMOTIONS,
    "the five classes of Yan et al., PLOS ONE 2014; sadness and fear, of few clips, fall out",
    subjects=_ALL,
    users="most papers on CASME II alone: with 247 clips as the PLOS ONE paper, 246 of the 2014 file, or 249 of the "
    "2019 file as SLSTT",
)

_NEGATIVE = {"disgust": "negative", "repression": "negative"}
_THREE = {**_NEGATIVE, "happiness": "positive", "surprise": "surprise"}

THREE_CLASS_MEGC2019 = LabelScheme(
    name="3-class-megc2019",
    classes=("negative", "positive", "surprise"),
    # The guideline also calls anger, contempt, fear and sadness negative, but its list has no such clip of CASME II.
    mapping=_THREE,
    excluded=NOT_IN_MEGC2019,
    source="See et al., MEGC 2019: the 145 clips of the official list, the same in every annotation state",
    counts={state: {"negative": 88, "positive": 32, "surprise": 25} for state in EMOTIONS},
    subjects=_TWO_LESS,
    users="the MEGC 2019 challenge and papers that report its composite; tvaranka/meb has 89, 32 and 24, since it "
    "drops 05/EP12_03f in place of 05/EP09_05f",
)

THREE_CLASS = counted("3-class", _THREE, EMOTIONS, "as MEGC 2019, with all clips of its classes", subjects=_TWO_LESS)

THREE_CLASS_MMNET = counted(
    "3-class-mmnet",
    {
        "happiness": "happiness",
        "surprise": "surprise",
        **dict.fromkeys(("disgust", "repression", "sadness", "fear"), "negative"),
    },
    EMOTIONS,
    "the code released with Li et al., MMNet, IJCAI 2022, on the 2019 file: sadness and fear are negative too",
    subjects=dict.fromkeys(EMOTIONS, 25),
    users="MMNet, and code that takes over its lists: 156 clips",
)

FOUR_CLASS = counted(
    "4-class",
    _plain(("disgust", "happiness", "repression", "surprise")),
    EMOTIONS,
    "the five classes of the PLOS ONE paper less others",
    subjects=_TWO_LESS,
)

SEVEN_CLASS = counted("7-class", _plain(_EACH), EMOTIONS, "every emotion of the annotation file", subjects=_ALL)

#: By a class cell, which has a number, or a Roman one; VI and VII fall out.
_EVALUATED = ("I", "II", "III", "IV", "V")
_OBJECTIVE = {
    **dict(zip("12345", _EVALUATED, strict=True)),
    **{name.lower(): name for name in _EVALUATED},
}

OBJECTIVE = counted(
    "objective",
    _OBJECTIVE,
    dict.fromkeys(EMOTIONS, OBJECTIVE_2018),
    "Davison et al., 2018, and the class file of MEGC 2018, which departs from the rules: classes of action units",
    subjects=_ALL,
    users="the MEGC 2018 challenge, within and across CASME II and SAMM",
    column=class_file.COLUMN,
    column_from=f"the class file of MEGC 2018, {class_file.NAME}, in the folder of the annotation workbook",
)

OBJECTIVE_OF_2019 = counted(
    "objective-2019",
    _OBJECTIVE,
    {"2019": OBJECTIVE_2019},
    "the objective classes in the annotation of 2019, which are not those of MEGC 2018",
    column="objective_class",
    column_from="the column Objective Classes of CASME2-coding-20190701.xlsx",
)

SCHEMES = (
    FIVE_CLASS,
    THREE_CLASS_MEGC2019,
    THREE_CLASS,
    THREE_CLASS_MMNET,
    FOUR_CLASS,
    SEVEN_CLASS,
    OBJECTIVE,
    OBJECTIVE_OF_2019,
)
