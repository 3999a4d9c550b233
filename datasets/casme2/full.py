"""The full-size stand-in table of CASME II: as many clips of each emotion, class and subject group as the real one.

The rows that states, schemes and mends name are in it, and those whose moments sources contest. Of those rows the
numbers that are known are real; all others are invented, as are the emotions of most.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping

from merbench.synthetic.invented import Extent, invent
from merbench.synthetic.mock_clips import dealt

from . import class_file
from .planning import NO_APEX, Planned, coded, crop, emotion_of, moments
from .schemes import EMOTIONS, OBJECTIVE_2018, OBJECTIVE_2019
from .states import MOVED, RESOLVED, SURPLUS

_SUBJECTS = tuple(f"{number:02d}" for number in range(1, 27))

#: Rows with known moments: onset, apex, offset. Where only one or two of them are known, the others are invented.
_MOMENTS: Mapping[str, tuple[int, int, int]] = {
    NO_APEX: (261, 291, 321),  # the apex is where the motion is planted; the row has none
    "05/EP09_05f": (69, 69, 129),
    "05/EP16_04f": (121, 181, 181),
    "07/EP06_01": (15, 49, 68),
    "12/EP09_02": (16, 59, 101),
    "12/EP09_06": (51, 111, 111),
    "16/EP01_08": (50, 80, 110),
    "20/EP16_01": (51, 111, 111),
    "24/EP02_02f": (71, 94, 106),
    SURPLUS: (61, 91, 106),
    "25/EP18_04f": (56, 116, 116),
}
#: The crops of these end before their offset.
_CROPPED_TO = {"16/EP01_08": 96}
#: The odd names of the file, of which only the first one's subject is known.
_ODD_NAMES = ("09/EP09f", "01/EP01_2", "02/EP08_1", "03/EP06_02_01", "03/EP06_02_02")
#: Emotions in 2014. That both of the first two are negative, the third surprise, comes of the counts of MEGC 2019.
_NAMED: Mapping[str, str] = {
    **dict.fromkeys((*_MOMENTS, *RESOLVED, *_ODD_NAMES), "others"),
    NO_APEX: "disgust",
    "05/EP09_05f": "repression",
    "05/EP12_03f": "surprise",
    **dict.fromkeys(MOVED, "sadness"),
    # Subject 18 has three clips, all others; subject 10 none of disgust, repression, happiness and surprise.
    **dict.fromkeys(("18/EP01_01", "18/EP08_01", "18/EP18_06"), "others"),
    "10/EP06_01": "sadness",
    "10/EP11_01f": "fear",
}
#: Emotions from class I to VII; all subjects show `others`, so that all have clips of I to V.
_BY_CLASS = ("happiness", "surprise", "others", "disgust", "repression", "sadness", "fear")
#: How many names end in f, of all 255.
_ENDING_IN_F = 71


def invent_table(extent: Extent, state: str) -> tuple[Planned, ...]:
    """The clips of the full table in an annotation state, in the order of the workbook."""
    before = _emotions_of_2014()
    now = {clip: emotion_of(clip, emotion, state) for clip, emotion in before.items()}
    if state == "256-row":
        now[SURPLUS] = "disgust"
    classes_2018 = _sorted_in(before, OBJECTIVE_2018)
    classes_2019 = _sorted_in(now, OBJECTIVE_2019) if state == "2019" else {}
    clips = []
    for clip, emotion in sorted(now.items()):
        classes = {"objective_class": classes_2019.get(clip, ""), class_file.COLUMN: classes_2018.get(clip, "")}
        clips.append(_planned(clip, emotion, classes, extent.seed, state))
    return tuple(clips)


def _emotions_of_2014() -> dict[str, str]:
    """The emotion of each of the 255 clips, by ``subject/clip``."""
    shown = {clip: emotion for clip, emotion in _NAMED.items() if clip != SURPLUS}
    left = Counter(EMOTIONS["2014"]) - Counter(shown.values())
    rest = dealt(left, [subject for subject in _SUBJECTS if subject != "18"], only={"10": ("others",)})
    in_f = _ENDING_IN_F - sum(clip.endswith("f") and clip.count("_") == 1 for clip in shown)
    for at, (subject, emotion) in enumerate(rest):
        ending = "f" if (at + 1) * in_f // len(rest) > at * in_f // len(rest) else ""  # evenly spread
        names = (f"{subject}/EP{k % 19 + 1:02d}_{3 * k % 14 + 1:02d}{ending}" for k in range(19 * 14))
        shown[next(name for name in names if name not in shown)] = emotion
    return shown


def _sorted_in(emotions: Mapping[str, str], counts: Mapping[str, int]) -> dict[str, str]:
    """A class for each clip, as many of each as `counts` says; clips of one emotion are in few classes."""
    order = sorted(emotions, key=lambda clip: (_BY_CLASS.index(emotions[clip]), clip))
    return dict(zip(order, Counter(counts).elements(), strict=True))


def _planned(clip: str, emotion: str, classes: Mapping[str, str], seed: int, state: str) -> Planned:
    import numpy as np

    seeds = (seed, int(clip.partition("/")[0]), *clip.encode())  # the same in every state
    rng = np.random.default_rng(seeds)
    row = coded(clip, emotion, _MOMENTS.get(clip) or moments(rng), classes)
    odd = clip in _MOMENTS and row.apex in (row.onset, None, row.offset)
    made = invent(row, seeds, apex=(row.onset + row.offset) // 2 if odd else None)
    row = made.row
    if clip in RESOLVED and state != "2019":
        row = dataclasses.replace(row, action_units="", action_units_annotated="?")
    return Planned(row=row, plan=made.plan, crop=crop(rng), cropped_to=_CROPPED_TO.get(clip), every=clip in _MOMENTS)
