"""What a stand-in tree shows: invented clips in the shape of the real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from merbench.annotations.coded_clips import CodedClip
from merbench.synthetic.invented import Extent, Invented, invent

from . import class_file
from .schemes import FIVE_CLASS, NOT_IN_MEGC2019
from .states import MOVED, RESOLVED, SURPLUS

if TYPE_CHECKING:
    import numpy as np

    from merbench.synthetic.rendering import ClipPlan

#: The clip without an apex, in every state.
NO_APEX = "04/EP12_01f"
#: Rows that the stand-in shares with the file, so that its oddities and its states can be met.
_RANGES: Mapping[str, tuple[int, int, int]] = {NO_APEX: (261, 291, 321), SURPLUS: (61, 91, 106)}
_MEANINGFUL = frozenset({*NOT_IN_MEGC2019, *MOVED, *RESOLVED, SURPLUS})
_OBJECTIVE = {"happiness": 1, "surprise": 2, "others": 3, "disgust": 4, "repression": 5, "sadness": 6, "fear": 7}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned(Invented):
    """A clip with the size of its crop (height, width); its crops may end at frame `cropped_to`.

    `every` frame is written of clips whose moments a mend or an apex policy changes.
    """

    crop: tuple[int, int]
    cropped_to: int | None = None
    every: bool = False

    def numbers(self, frames: str) -> list[int]:
        """The frame numbers that are written."""
        return Invented.numbers(self, "all" if self.every and frames == "key" else frames)


def invent_tree(extent: Extent, state: str) -> tuple[Planned, ...]:
    """The clips of a stand-in tree in an annotation state, in the order of the workbook."""
    return tuple(clip for number in range(1, extent.subjects + 1) for clip in _subject(number, extent, state))


def emotion_of(clip: str, otherwise: str, state: str) -> str:
    """The emotion of a clip in an annotation state: as the state has it, or `otherwise`."""
    if clip in MOVED:
        return "surprise" if state == "2019" else "sadness"
    return "disgust" if clip == SURPLUS else otherwise


def coded(clip: str, emotion: str, frames: tuple[int, int, int], classes: Mapping[str, str]) -> CodedClip:
    """A row without action units; `clip` is ``subject/clip``, and one has no apex."""
    subject, _, name = clip.partition("/")
    onset, apex, offset = frames
    return CodedClip(
        subject=subject,
        clip=name,
        onset=onset,
        apex=None if clip == NO_APEX else apex,
        offset=offset,
        emotion=emotion,
        action_units="",
        action_units_annotated="",
        more=classes,
    )


def crop(rng: np.random.Generator) -> tuple[int, int]:
    """(height, width) of a clip's crops, which vary."""
    return 340 + int(rng.integers(-15, 16)), 280 + int(rng.integers(-15, 16))


def moments(rng: np.random.Generator) -> tuple[int, int, int]:
    """Onset, apex and offset; lengths as in the file: 24 to 141 frames, half of them below 61."""
    length = min(max(round(61 * float(rng.lognormal(0.0, 0.35))), 24), 141)
    onset = int(rng.integers(11, 200))
    return onset, onset + round(length * float(rng.uniform(0.35, 0.65))), onset + length - 1


def _subject(number: int, extent: Extent, state: str) -> Iterator[Planned]:
    import numpy as np

    rng = np.random.default_rng([extent.seed, number])
    names = _names(rng, f"{number:02d}", extent.clips, state)
    emotions = _emotions(rng, number, extent.clips)
    for order, (name, drawn) in enumerate(sorted(zip(names, emotions, strict=True))):
        clip = f"{number:02d}/{name}"
        classes = _classes(clip, drawn, state)
        row = coded(clip, emotion_of(clip, drawn, state), _RANGES.get(clip) or moments(rng), classes)
        made = _drawn(row, number, (extent.seed, number, order))
        yield Planned(row=made.row, plan=made.plan, crop=crop(rng))


def _classes(clip: str, drawn: str, state: str) -> Mapping[str, str]:
    """A class by emotion; the class file knows the emotions of 2014, and not the clip that came later."""
    return {
        "objective_class": str(_OBJECTIVE[emotion_of(clip, drawn, state)]) if state == "2019" else "",
        class_file.COLUMN: "" if clip == SURPLUS else str(_OBJECTIVE[emotion_of(clip, drawn, "2014")]),
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
    rounds = [str(emotion) for _ in range(0, clips, 5) for emotion in rng.permutation(FIVE_CLASS.classes)]
    emotions = rounds[:clips]
    rare = {3: "sadness", 0: "fear"}.get(number % 4)
    if rare is not None and clips > (4 if rare == "sadness" else 5):
        emotions[-1] = rare
    return emotions


def _drawn(row: CodedClip, number: int, seeds: Sequence[int]) -> Invented:
    """The clip; subject 01 shows disgust on one side and happiness by one action unit, to have such cells."""
    wanted = _WANTED.get((number, row.emotion))
    for attempt in range(200):
        clip = invent(row, (*seeds, attempt))
        if wanted is None or wanted(clip.plan):
            break
    return clip


_WANTED: Mapping[tuple[int, str], Callable[[ClipPlan], bool]] = {
    (1, "disgust"): lambda plan: any(unit.side for unit in plan.action_units),
    (1, "happiness"): lambda plan: len(plan.action_units) == 1 and not plan.action_units[0].side,
}
