"""Motion that says nothing of the emotion: class-free action units, a subject's habits, blinks, a drifting mouth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .difficulty import Difficulty
from .displacement import displacement
from .geometry import Geometry
from .muscles import GAINS, RESTING, ActionUnit, Side
from .tissue import Tissue
from .view import Plane

_SIDES: tuple[Side, ...] = (None, "L", "R")
#: How many class-free units a clip can have, and a subject habits.
_DISTRACTORS, _HABITS = 2, 2
#: A blink's peak in pixels of a 224-pixel frame, lids of little opening: half closed.
_BLINK = (2.5, 5.0)
#: The amounts without all of which nothing moves.
_SOURCES = ("distractors", "habits", "blinks", "mouth_drift", "tissue")
#: What the mouth drifts by: the jaw, and the corners outwards.
_DRIFTING = (26, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrelatedMotion:
    """The action units that move for no emotion, and when.

    `units` rise from frame `start` to frame `end` and stay. `drifting` ones swing with a period of `period` frames from
    `phase` on. A `blink` is strongest at frame `blink_at` and lasts some `blink_width` frames. The
    skin, `tissue`, moves as `units` do.
    """

    units: tuple[ActionUnit, ...]
    start: float
    end: float
    drifting: tuple[ActionUnit, ...]
    period: float
    phase: float
    blink: ActionUnit | None
    blink_at: float
    blink_width: float
    tissue: Tissue | None = None

    def motion(self, g: Geometry, number: int, x: Plane, y: Plane) -> Plane:
        """The displacement `(... 2)` at a frame, x then y in units, of the points (x, y)."""
        moving = [*_scaled(self.units, self._risen(number)), *_scaled(self.drifting, self._swing(number))]
        if self.blink is not None:
            moving += _scaled((self.blink,), self._closed(number))
        moved = displacement(g, moving, x, y)
        if self.tissue is not None:
            moved += np.float32(self._risen(number)) * self.tissue.displacement(x, y)
        return moved

    def _risen(self, number: int) -> float:
        share = min(max((number - self.start) / (self.end - self.start), 0.0), 1.0)
        return share * share * (3 - 2 * share)

    def _swing(self, number: int) -> float:
        return float(np.sin(2 * np.pi * number / self.period + self.phase))

    def _closed(self, number: int) -> float:
        return float(np.exp(-0.5 * ((number - self.blink_at) / (0.25 * self.blink_width)) ** 2))


def unrelated_motion(
    identity: int, seed: int, moments: tuple[int, int, int], difficulty: Difficulty, gain: float
) -> UnrelatedMotion | None:
    """What moves for no emotion in the clip of these `moments` (onset, apex, offset); None where nothing does."""
    if not any(getattr(difficulty, name) for name in _SOURCES):
        return None
    rng = np.random.default_rng(np.random.SeedSequence([seed, 8]))
    onset, apex, offset = moments
    rise = apex - onset
    units = (*_class_free(difficulty, rng, gain), *_habit(identity, difficulty, rng, gain))
    start = onset + rise * float(rng.uniform(-0.4, 0.4))
    end = start + rise * float(rng.uniform(0.5, 1.1))
    drifting = [_unit(n, difficulty.mouth_drift * float(rng.uniform(-1, 1)), None) for n in _DRIFTING]
    period, phase = float(rng.uniform(40, 160)), float(rng.uniform(0, 2 * np.pi))
    blinks = rng.random() < difficulty.blinks
    blink = ActionUnit(number=45, strength=float(rng.uniform(*_BLINK)))
    return UnrelatedMotion(
        units=units,
        start=start,
        end=end,
        drifting=tuple(unit for unit in drifting if unit.strength),
        period=period,
        phase=phase,
        blink=blink if blinks else None,
        blink_at=float(rng.uniform(onset - 20, offset + 20)),
        blink_width=float(rng.uniform(30, 60)),  # 150 to 300 ms at 200 frames a second
        tissue=Tissue(seed=seed, amount=difficulty.tissue * gain) if difficulty.tissue else None,
    )


def subject_gain(identity: int, difficulty: Difficulty) -> float:
    """The factor on every motion of a subject: log-normal over people."""
    if not difficulty.subject_gain:
        return 1.0
    rng = np.random.default_rng(np.random.SeedSequence([identity, 5]))
    return float(np.exp(difficulty.subject_gain * rng.standard_normal()))


def _class_free(difficulty: Difficulty, rng: np.random.Generator, gain: float) -> list[ActionUnit]:
    """Each of a few units of any emotion, drawn evenly, in its share of the clips."""
    units = []
    for _ in range(_DISTRACTORS):
        number, side = int(rng.choice(RESTING)), _SIDES[int(rng.integers(3))]
        present, spread = rng.random() < difficulty.distractor_share, float(np.exp(0.4 * rng.standard_normal()))
        if present and difficulty.distractors:
            units.append(_unit(number, difficulty.distractors * gain * spread, side))
    return units


def _habit(identity: int, difficulty: Difficulty, rng: np.random.Generator, gain: float) -> list[ActionUnit]:
    """One of the units that the subject moves with every expression."""
    own = np.random.default_rng(np.random.SeedSequence([identity, 6]))
    numbers = own.choice(RESTING, _HABITS, replace=False)
    number, strength = int(rng.choice(numbers)), float(rng.uniform(0.5, 1.5)) * difficulty.habits * gain
    return [_unit(number, strength, None)] if difficulty.habits else []


def _unit(number: int, strength: float, side: Side) -> ActionUnit:
    return ActionUnit(number=number, strength=float(strength * GAINS.get(number, 1.0)), side=side)


def _scaled(units: tuple[ActionUnit, ...], share: float) -> list[ActionUnit]:
    return [ActionUnit(number=u.number, strength=u.strength * share, side=u.side) for u in units]
