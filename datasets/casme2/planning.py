"""What a stand-in tree shows: invented clips in the shape of the real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from merbench.action_units import ActionUnit, written
from merbench.errors import UsageError

from .annotation import Coded
from .schemes import FIVE_CLASS, NOT_IN_MEGC2019
from .states import MOVED, RESOLVED, SURPLUS

if TYPE_CHECKING:
    import numpy as np

    from merbench.drawn import ClipPlan

MOST_SUBJECTS = 26
MOST_CLIPS = 100

#: Rows that the stand-in shares with the file, so that its oddities and its states can be met.
_NO_APEX = "04/EP12_01f"
_RANGES: Mapping[str, tuple[int, int, int]] = {_NO_APEX: (261, 291, 321), SURPLUS: (61, 91, 106)}
_MEANINGFUL = frozenset({*NOT_IN_MEGC2019, *MOVED, *RESOLVED, SURPLUS})
_OBJECTIVE = {"happiness": 1, "surprise": 2, "others": 3, "disgust": 4, "repression": 5, "sadness": 6, "fear": 7}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One clip of the tree: its row, the plan that its frames are drawn by, and the size of its crop.

    The size is (height, width). `plan` has an apex even where the row has none.
    """

    row: Coded
    plan: ClipPlan
    crop: tuple[int, int]


def plan_tree(*, subjects: int, clips: int, seed: int, state: str) -> tuple[Planned, ...]:
    """The clips of a stand-in tree, `clips` of each subject, in the order of the workbook.

    Raises:
        UsageError: if there cannot be so many subjects or clips, or the seed is negative.
    """
    _check("subjects", subjects, 1, MOST_SUBJECTS)
    _check("clips", clips, 1, MOST_CLIPS)
    _check("seed", seed, 0, 2**63 - 1)
    return tuple(planned for number in range(1, subjects + 1) for planned in _plan_subject(number, clips, seed, state))


def _check(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise UsageError(
            f"casme2: {name}={value} is not possible for a stand-in tree: it must be from {low} to {high}."
        )


def _plan_subject(number: int, clips: int, seed: int, state: str) -> Iterator[Planned]:
    import numpy as np

    rng = np.random.default_rng([seed, number])
    subject = f"{number:02d}"
    names = _names(rng, subject, clips, state)
    emotions = _emotions(rng, number, clips)
    for order, (name, emotion) in enumerate(sorted(zip(names, emotions, strict=True))):
        clip = f"{subject}/{name}"
        yield _planned(rng, clip, _emotion_of(clip, emotion, state), (seed, number, order), state)


def _emotion_of(clip: str, drawn: str, state: str) -> str:
    if clip in MOVED:
        return "surprise" if state == "2019" else "sadness"
    return "disgust" if clip == SURPLUS else drawn


def _names(rng: np.random.Generator, subject: str, clips: int, state: str) -> list[str]:
    shared = [_NO_APEX, *MOVED, *([SURPLUS] if state == "256-row" else [])]
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


def _planned(rng: np.random.Generator, clip: str, emotion: str, seeds: tuple[int, int, int], state: str) -> Planned:
    onset, apex, offset = _RANGES.get(clip) or _range(rng)
    plan = _plan(seeds, emotion, (onset, apex, offset))
    subject, _, name = clip.partition("/")
    row = Coded(
        subject=subject,
        clip=name,
        onset=onset,
        apex=None if clip == _NO_APEX else apex,
        offset=offset,
        emotion=emotion,
        action_units=written(ActionUnit(unit.number, unit.side) for unit in plan.action_units),
        objective_class=str(_OBJECTIVE[emotion]) if state == "2019" else "",
    )
    return Planned(row=row, plan=plan, crop=(340 + int(rng.integers(-15, 16)), 280 + int(rng.integers(-15, 16))))


def _range(rng: np.random.Generator) -> tuple[int, int, int]:
    """Onset, apex and offset; lengths as in the file: 24 to 141 frames, half of them below 61."""
    length = min(max(round(61 * float(rng.lognormal(0.0, 0.35))), 24), 141)
    onset = int(rng.integers(11, 200))
    return onset, onset + round(length * float(rng.uniform(0.35, 0.65))), onset + length - 1


def _plan(seeds: tuple[int, int, int], emotion: str, frames: tuple[int, int, int]) -> ClipPlan:
    """The clip's plan; subject 01 shows disgust on one side and happiness by one action unit, to have such cells."""
    import numpy as np

    from merbench.drawn import plan_clip

    seed, number, order = seeds
    identity = int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
    wanted = _WANTED.get((number, emotion))
    for attempt in range(200):
        plan = plan_clip(
            identity=identity,
            seed=int(np.random.SeedSequence([seed, number, order, attempt]).generate_state(1)[0]),
            emotion=emotion,
            onset=frames[0],
            apex=frames[1],
            offset=frames[2],
        )
        if wanted is None or wanted(plan):
            break
    return plan


_WANTED: Mapping[tuple[int, str], Callable[[ClipPlan], bool]] = {
    (1, "disgust"): lambda plan: any(unit.side for unit in plan.action_units),
    (1, "happiness"): lambda plan: len(plan.action_units) == 1 and not plan.action_units[0].side,
}
