"""The mock of CASME II: laid out as distributed, with synthetic faces.

The full table has as many clips of each emotion, class and subject group as the real one. The rows that states, schemes
and corrections name are in it, and those whose moments sources contest. Of those rows the numbers that are known are
real; all others are chosen here, as are the emotions of most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.coded_clips import CodedClip
from merbench.synthetic.mock_clips import Extent, MockClip, mock_clip, uncoded_row
from merbench.synthetic.mock_emotions import distribute, rounds
from merbench.synthetic.mock_tree import number_or_text, write_sheets

from . import class_file
from .schemes import EMOTIONS, FIVE_CLASS, NOT_IN_MEGC2019, OBJECTIVE_2018, OBJECTIVE_2019
from .states import MOVED, RESOLVED, SURPLUS
from .workbook import COLUMNS, NAMES

if TYPE_CHECKING:
    import numpy as np

    from merbench.synthetic.rendering import ClipPlan

#: (height, width) of raw frames, as distributed.
_RAW = (480, 640)
_SCRATCH_ROWS = 10
_SUBJECTS = tuple(f"{number:02d}" for number in range(1, 27))
#: The clip without an apex, in every state.
NO_APEX = "04/EP12_01f"
_MEANINGFUL = frozenset({*NOT_IN_MEGC2019, *MOVED, *RESOLVED, SURPLUS})
_OBJECTIVE = {"happiness": 1, "surprise": 2, "others": 3, "disgust": 4, "repression": 5, "sadness": 6, "fear": 7}
#: What subject 01 of a small mock shows: disgust on one side and happiness by one action unit, to have such cells.
_WANTED: Mapping[tuple[int, str], Callable[[ClipPlan], bool]] = {
    (1, "disgust"): lambda plan: any(unit.side for unit in plan.action_units),
    (1, "happiness"): lambda plan: len(plan.action_units) == 1 and not plan.action_units[0].side,
}
#: Rows with known moments: onset, apex, offset. Where only one or two of them are known, the others are chosen here.
_MOMENTS: Mapping[str, tuple[int, int, int]] = {
    NO_APEX: (261, 291, 321),  # the apex of the rendered motion; the row has none
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CroppedClip(MockClip):
    """A clip with the size of its crop (height, width); its crops may end at frame `cropped_to`.

    `every` frame is written of clips whose moments a correction or an apex policy changes.
    """

    crop: tuple[int, int]
    cropped_to: int | None = None
    every: bool = False

    def numbers(self, frames: str) -> list[int]:
        """The frame numbers that are written."""
        return MockClip.numbers(self, "all" if self.every and frames == "key" else frames)


def plan_clips(extent: Extent, state: str) -> tuple[CroppedClip, ...]:
    """The clips of a mock in an annotation state, in the order of the workbook: main emotions in turn, or all."""
    if extent.full:
        return tuple(_full_table(extent.seed, state))
    return tuple(clip for number in range(1, extent.subjects + 1) for clip in _subject(number, extent, state))


def write_workbook(out: Path, clips: Sequence[MockClip], state: str) -> None:
    """Write the annotation as distributed: two blank columns, two empty sheets."""
    columns = ["subject", "clip", "", "onset", "apex", "offset", "", "action_units", "emotion"]
    columns += ["objective_class"] if state == "2019" else []
    headers = [COLUMNS[name].header if name else None for name in columns]
    rows = [[_cell(clip, name) for name in columns] for clip in clips]
    write_sheets(out / NAMES[state], {"Sheet1": [headers, *rows], "Sheet2": (), "Sheet3": ()})


def write_class_file(out: Path, clips: Sequence[MockClip]) -> None:
    """Write the objective classes of MEGC 2018 as they are distributed, with a second sheet of scratch numbers."""
    headers = [column.header for column in class_file.HEADERS.values()]
    classed = [clip.row for clip in clips if clip.row.more[class_file.COLUMN]]
    rows = [[row.subject, row.clip, int(row.more[class_file.COLUMN])] for row in classed]
    scratch = [[number, number * number] for number in range(_SCRATCH_ROWS)]
    write_sheets(out / class_file.NAME, {"Sheet1": [headers, *rows], "Sheet2": scratch})


def draw(home: Path, prefix: str, clip: MockClip, numbers: Sequence[int]) -> None:
    """Write raw frames, or crops where the `prefix` is theirs."""
    assert isinstance(clip, CroppedClip)
    folder = home / f"sub{clip.row.subject}" / clip.row.clip

    def name(number: int) -> Path:
        return folder / f"{prefix}{number}.jpg"

    if not prefix.startswith("reg_"):
        clip.write_raw(numbers, _RAW, name)
    else:
        last = clip.cropped_to
        clip.write_crops([number for number in numbers if last is None or number <= last], clip.crop, name)


def _cell(clip: MockClip, column: str) -> str | int | None:
    row = clip.row
    if column == "apex":
        return "/" if row.apex is None else row.apex
    if column in ("action_units", "objective_class"):
        return number_or_text(row.action_units_annotated if column == "action_units" else row.more[column])
    value: str | int | None = getattr(row, column) if column else None
    return value


def _emotion_in(state: str, clip: str, otherwise: str) -> str:
    """The emotion of a clip in an annotation state: as the state has it, or `otherwise`."""
    if clip in MOVED:
        return "surprise" if state == "2019" else "sadness"
    return "disgust" if clip == SURPLUS else otherwise


def _coded(clip: str, emotion: str, moments: tuple[int, int, int], classes: Mapping[str, str]) -> CodedClip:
    """A row without action units; `clip` is ``subject/clip``, and one has no apex."""
    subject, _, name = clip.partition("/")
    onset, apex, offset = moments
    annotated = (onset, None if clip == NO_APEX else apex, offset)
    return uncoded_row(subject=subject, clip=name, emotion=emotion, moments=annotated, more=classes)


def _crop(rng: np.random.Generator) -> tuple[int, int]:
    """(height, width) of a clip's crops, which vary."""
    return 340 + int(rng.integers(-15, 16)), 280 + int(rng.integers(-15, 16))


def _moments(rng: np.random.Generator) -> tuple[int, int, int]:
    """Onset, apex and offset; lengths as in the file: 24 to 141 frames, half of them below 61."""
    length = min(max(round(61 * float(rng.lognormal(0.0, 0.35))), 24), 141)
    onset = int(rng.integers(11, 200))
    return onset, onset + round(length * float(rng.uniform(0.35, 0.65))), onset + length - 1


def _subject(number: int, extent: Extent, state: str) -> Iterator[CroppedClip]:
    """The clips of a subject in a small mock."""
    import numpy as np

    rng = np.random.default_rng([extent.seed, number])
    names = _names(rng, f"{number:02d}", extent.clips, state)
    emotions = _emotions(rng, number, extent.clips)
    for order, (name, shown) in enumerate(sorted(zip(names, emotions, strict=True))):
        clip = f"{number:02d}/{name}"
        moments = _MOMENTS[clip] if clip in (NO_APEX, SURPLUS) else _moments(rng)
        row = _coded(clip, _emotion_in(state, clip, shown), moments, _classes(clip, shown, state))
        planned = _as_wanted(row, number, (extent.seed, number, order))
        yield CroppedClip(row=planned.row, plan=planned.plan, crop=_crop(rng))


def _classes(clip: str, shown: str, state: str) -> Mapping[str, str]:
    """A class by emotion; the class file knows the emotions of 2014, and not the clip that came later."""
    return {
        "objective_class": str(_OBJECTIVE[_emotion_in(state, clip, shown)]) if state == "2019" else "",
        class_file.COLUMN: "" if clip == SURPLUS else str(_OBJECTIVE[_emotion_in("2014", clip, shown)]),
    }


def _names(rng: np.random.Generator, subject: str, clips: int, state: str) -> list[str]:
    shared = [NO_APEX, *MOVED, *([SURPLUS] if state == "256-row" else [])]
    names = [clip.partition("/")[2] for clip in shared if clip.startswith(f"{subject}/")]
    if subject == "01" and clips > 1:
        names.append("EP09f")  # the file has one name without a second number
    while len(names) < clips:
        name = _name(rng)
        if name not in names and f"{subject}/{name}" not in _MEANINGFUL:
            names.append(name)
    return names[:clips]


def _name(rng: np.random.Generator) -> str:
    """A clip's name; its shapes are as frequent as in the file."""
    video, part = int(rng.integers(1, 20)), int(rng.integers(1, 15))
    shape = rng.choice(4, p=[0.70, 0.28, 0.01, 0.01])
    return (
        f"EP{video:02d}_{part:02d}",
        f"EP{video:02d}_{part:02d}f",
        f"EP{video:02d}_{part % 9 + 1}",
        f"EP{video:02d}_{part:02d}_{part % 2 + 1:02d}",
    )[shape]


def _emotions(rng: np.random.Generator, number: int, clips: int) -> list[str]:
    """Rounds of the five main emotions, each in a new order; some subjects end with sadness or fear instead."""
    emotions = rounds(rng, FIVE_CLASS.classes, clips)
    rare = {3: "sadness", 0: "fear"}.get(number % 4)
    if rare is not None and clips > (4 if rare == "sadness" else 5):
        emotions[-1] = rare
    return emotions


def _as_wanted(row: CodedClip, number: int, seeds: Sequence[int]) -> MockClip:
    """The clip of a row, with the action units that are wanted of it."""
    wanted = _WANTED.get((number, row.emotion))
    for attempt in range(200):
        clip = mock_clip(row, (*seeds, attempt))
        if wanted is None or wanted(clip.plan):
            break
    return clip


def _full_table(seed: int, state: str) -> Iterator[CroppedClip]:
    before = _emotions_of_2014()
    now = {clip: _emotion_in(state, clip, emotion) for clip, emotion in before.items()}
    if state == "256-row":
        now[SURPLUS] = "disgust"
    classes_2018 = _sorted_in(before, OBJECTIVE_2018)
    classes_2019 = _sorted_in(now, OBJECTIVE_2019) if state == "2019" else {}
    for clip, emotion in sorted(now.items()):
        classes = {"objective_class": classes_2019.get(clip, ""), class_file.COLUMN: classes_2018.get(clip, "")}
        yield _full_row(clip, emotion, classes, seed, state)


def _emotions_of_2014() -> dict[str, str]:
    """The emotion of each of the 255 clips, by ``subject/clip``."""
    shown = {clip: emotion for clip, emotion in _NAMED.items() if clip != SURPLUS}
    left = Counter(EMOTIONS["2014"]) - Counter(shown.values())
    rest = distribute(left, [subject for subject in _SUBJECTS if subject != "18"], only={"10": ("others",)})
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


def _full_row(clip: str, emotion: str, classes: Mapping[str, str], seed: int, state: str) -> CroppedClip:
    import numpy as np

    seeds = (seed, int(clip.partition("/")[0]), *clip.encode())  # the same in every state
    rng = np.random.default_rng(seeds)
    row = _coded(clip, emotion, _MOMENTS.get(clip) or _moments(rng), classes)
    odd = clip in _MOMENTS and row.apex in (row.onset, None, row.offset)
    planned = mock_clip(row, seeds, apex=(row.onset + row.offset) // 2 if odd else None)
    if clip in RESOLVED and state != "2019":
        planned = planned.with_row(action_units="", action_units_annotated="?")
    last = _CROPPED_TO.get(clip)
    return CroppedClip(row=planned.row, plan=planned.plan, crop=_crop(rng), cropped_to=last, every=clip in _MOMENTS)
