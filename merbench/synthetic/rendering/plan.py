"""A clip before it is drawn: everything that defines its frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .difficulty import DIFFICULTIES, Difficulty
from .emotions import draw_expression
from .muscles import GAINS, RESTING, ActionUnit, Side
from .unrelated import UnrelatedMotion, subject_gain, unrelated_motion

_SIDES: tuple[Side, ...] = ("L", "R")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipPlan:
    """One clip: whose face, which motion, and in which frames (onset..offset inclusive).

    `action_units` move between onset and apex; `resting` ones are in all frames alike. `unrelated` is motion that
    says nothing of the emotion, None where the difficulty has none.
    """

    identity: int
    seed: int
    emotion: str
    action_units: tuple[ActionUnit, ...]
    resting: tuple[ActionUnit, ...]
    onset: int
    apex: int
    offset: int
    difficulty: Difficulty
    unrelated: UnrelatedMotion | None = None

    def __post_init__(self) -> None:
        if not self.onset < self.apex <= self.offset:
            raise ValueError(f"apex {self.apex} must lie after onset {self.onset} and not after offset {self.offset}")
        if self.identity < 0 or self.seed < 0:
            raise ValueError(f"identity {self.identity} and seed {self.seed} must be 0 or more")


def plan_clip(
    *,
    identity: int,
    seed: int,
    emotion: str,
    onset: int,
    apex: int,
    offset: int,
    difficulty: Difficulty = DIFFICULTIES["normal"],
    action_units: Sequence[int] | None = None,
) -> ClipPlan:
    """The clip that these values and seeds lead to.

    `action_units`, if given, are planted on both sides instead of one of the emotion's sets.

    Raises:
        ValueError: the emotion or an action unit is not drawn, or the frames are out of order.
    """
    moving, resting = (np.random.default_rng(np.random.SeedSequence([seed, purpose])) for purpose in (1, 2))
    gain = subject_gain(identity, difficulty)
    return ClipPlan(
        identity=identity,
        seed=seed,
        emotion=emotion,
        action_units=_moving(emotion, action_units, difficulty, moving, gain),
        resting=_resting(difficulty, resting),
        onset=onset,
        apex=apex,
        offset=offset,
        difficulty=difficulty,
        unrelated=unrelated_motion(identity, seed, (onset, apex, offset), difficulty, gain),
    )


def _moving(
    emotion: str, numbers: Sequence[int] | None, difficulty: Difficulty, rng: np.random.Generator, gain: float
) -> tuple[ActionUnit, ...]:
    expression = draw_expression(emotion, rng)
    one_sided = numbers is None and rng.random() < expression.one_sided
    side = _SIDES[int(rng.integers(2))] if one_sided else None
    peak = rng.uniform(difficulty.peak_low, difficulty.peak_high)
    chosen = expression.units if numbers is None else tuple(numbers)
    share = rng.uniform(0.65, 1.0, len(chosen))
    share /= max(share, default=1.0)
    if difficulty.peak_spread:  # drawn last, so that what is drawn without it stays the same
        peak *= float(np.exp(difficulty.peak_spread * rng.standard_normal()))
    peak *= gain
    units = zip(chosen, share, strict=True)
    return tuple(ActionUnit(number=n, strength=float(peak * s * GAINS.get(n, 1.0)), side=side) for n, s in units)


def _resting(difficulty: Difficulty, rng: np.random.Generator) -> tuple[ActionUnit, ...]:
    """Each action unit with an even chance, one in four on one side, stronger or weaker than neutral."""
    reach = difficulty.resting * difficulty.peak_high
    units = []
    for number in RESTING:
        present, alone, left, strength = rng.random(), rng.random(), rng.integers(2), rng.uniform(-1.0, 1.0)
        if present < 0.5 and reach > 0:
            side = _SIDES[int(left)] if alone < 0.25 else None
            strength *= reach * GAINS.get(number, 1.0)
            units.append(ActionUnit(number=number, strength=float(strength), side=side))
    return tuple(units)
