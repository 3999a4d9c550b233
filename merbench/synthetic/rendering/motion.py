"""What changes over a clip besides the muscles' shape: intensity, the head, and the light."""

from dataclasses import dataclass

import numpy as np

from .plan import ClipPlan
from .view import SPAN, Plane


def intensity(plan: ClipPlan, number: int) -> float:
    """Share of the planted motion at a frame: 0 up to the onset, 1 at the apex, low from the offset on."""
    rng = np.random.default_rng(np.random.SeedSequence([plan.seed, 3]))
    rise, fall, rest = rng.uniform(0.8, 1.3), rng.uniform(0.8, 1.3), rng.uniform(0.08, 0.3)
    if number <= plan.apex:
        return float(_ease((number - plan.onset) / (plan.apex - plan.onset)) ** rise)
    return float(1 - (1 - rest) * _ease((number - plan.apex) / (plan.offset - plan.apex or 1)) ** fall)


def _ease(t: float) -> float:
    t = min(max(t, 0.0), 1.0)
    return t**3 * (t * (6 * t - 15) + 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadPose:
    """A similarity of the face's plane about its middle: shift in units, turn in radians, growth near 1."""

    shift: tuple[float, float]
    turn: float
    growth: float

    def forward(self, points: Plane) -> Plane:
        """Where points `(point 2)` of the still head lie under this pose."""
        cos, sin = self.growth * np.cos(self.turn), self.growth * np.sin(self.turn)
        x, y = points[:, 0] - SPAN / 2, points[:, 1] - SPAN / 2
        moved = np.stack([cos * x - sin * y + self.shift[0], sin * x + cos * y + self.shift[1]], axis=1)
        return np.asarray(moved + SPAN / 2, dtype=np.float32)

    def backward(self, x: Plane, y: Plane) -> tuple[Plane, Plane]:
        """Which points of the still head are seen at (x, y), `(height width)` each."""
        cos, sin = np.float32(np.cos(self.turn) / self.growth), np.float32(np.sin(self.turn) / self.growth)
        across, down = x - np.float32(SPAN / 2 + self.shift[0]), y - np.float32(SPAN / 2 + self.shift[1])
        return cos * across + sin * down + np.float32(SPAN / 2), cos * down - sin * across + np.float32(SPAN / 2)


def head_pose(plan: ClipPlan, number: int) -> HeadPose:
    """The head at a frame: slow swings of `head_motion` units, half as much at the edge by turn and growth."""
    rng = np.random.default_rng(np.random.SeedSequence([plan.seed, 4]))
    period, phase = rng.uniform(50, 220, (4, 3)), rng.uniform(0, 2 * np.pi, (4, 3))
    weight = rng.dirichlet(np.ones(3), 4)
    swing = (weight * np.sin(2 * np.pi * number / period + phase)).sum(1) * plan.difficulty.head_motion
    return HeadPose(
        shift=(float(swing[0]), float(swing[1])), turn=float(swing[2] / 224), growth=float(1 + swing[3] / 224)
    )


def lighting(plan: ClipPlan, number: int, x: Plane, y: Plane) -> Plane:
    """Brightness `(height width)` near 1: the clip's own tilt of the light, and the frame's flicker."""
    clip = np.random.default_rng(np.random.SeedSequence([plan.seed, 5]))
    frame = np.random.default_rng(np.random.SeedSequence([plan.seed, 6, number]))
    gain, across, down = plan.difficulty.lighting * clip.uniform(-1, 1, 3)
    phase, pace = clip.uniform(0, 2 * np.pi), clip.uniform(0.05, 0.3)
    flicker = plan.difficulty.flicker * (np.sin(pace * number + phase) + 0.4 * frame.standard_normal())
    tilt = 1 + gain + across * (x - SPAN / 2) / SPAN + down * (y - SPAN / 2) / SPAN
    return np.asarray(tilt * (1 + flicker), dtype=np.float32)
