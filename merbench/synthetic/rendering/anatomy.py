"""Where things lie on a subject's face: named anchors for muscles and the 68 landmarks."""

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .geometry import MIDDLE, Geometry
from .view import Plane

Points = NDArray[np.float64]


def brow_line(g: Geometry, along: Plane | Points) -> Points:
    """Height of a brow's centre line, `along` from -1 (inner end) to 1 (outer end), in units."""
    t = np.asarray(along, dtype=np.float64)
    return g.brow_y + g.brow_slope * t - g.brow_arch * (0.7 - (t - 0.25) ** 2) + 1.5


def lid_line(g: Geometry, along: Plane | Points, *, upper: bool) -> Points:
    """Height of a lid's edge, `along` from -1 (inner corner) to 1 (outer corner), in units."""
    t = np.clip(np.asarray(along, dtype=np.float64), -1, 1)
    chord = g.eye_y - g.tilt * t
    if upper:
        return chord - g.opening * (1 - np.abs(t) ** 2.3) * (1 - 0.15 * t)
    return chord + 0.62 * g.opening * (1 - np.abs(t) ** 2.6) * (1 + 0.2 * t)


def mouth_lines(g: Geometry, along: Plane | Points) -> tuple[Points, Points, Points]:
    """Heights of the upper lip's border, the line between the lips and the lower border, `along` in -1..1."""
    t = np.clip(np.asarray(along, dtype=np.float64), -1, 1)
    corner = g.mouth_y - g.smile * t**2
    gap = corner + 1.1 * np.cos(np.pi * t) * np.exp(-2 * t**2)
    bow = 1.5 * np.exp(-((t / 0.13) ** 2)) * g.upper_lip / 6
    top = gap - g.upper_lip * (1 - np.abs(t) ** 2.0) + bow
    bottom = gap + g.lower_lip * (1 - np.abs(t) ** 2.2)
    return top, gap, bottom


def outline(g: Geometry, x: Plane, y: Plane) -> Plane:
    """How far out a point lies on the face: 0 in the middle of the cheeks, 1 on the contour."""
    middle = np.float32(104.0)
    down = y - middle
    below = np.clip(down / np.float32(g.chin - 104), 0, None)
    above = np.clip(-down / np.float32(104 + 34), 0, None)
    across = np.abs(x - np.float32(MIDDLE)) / (np.float32(g.half_width) * (1 - np.float32(g.taper) * below))
    across = np.maximum(across, np.float32(1e-4))
    jaw, skull = np.float32(g.jaw), np.float32(2.3)
    lower = (across**jaw + below**jaw) ** (1 / jaw)
    upper = (across**skull + above**skull) ** (1 / skull)
    return np.asarray(np.where(down > 0, lower, upper), dtype=np.float32)


@lru_cache(maxsize=64)
def anchors(g: Geometry) -> Mapping[str, tuple[float, float]]:
    """Named points as (distance from the midline, y) in units; the same on both sides."""
    brow: Callable[[float], float] = lambda t: float(brow_line(g, np.array(t)))  # noqa: E731
    return {
        "brow_inner": (g.half_eyes - 0.85 * g.half_brow, brow(-0.85)),
        "brow_middle": (g.half_eyes, brow(0.0)),
        "brow_outer": (g.half_eyes + 0.75 * g.half_brow, brow(0.75)),
        "glabella": (5.0, g.brow_y + 3),
        "upper_lid": (g.half_eyes, g.eye_y - g.opening),
        "lower_lid": (g.half_eyes, g.eye_y + 0.62 * g.opening),
        "eye_outer": (g.half_eyes + g.half_eye + 3, g.eye_y),
        "cheek": (g.half_eyes + 9, 0.5 * (g.eye_y + g.nose_base) + 8),
        "nose_root": (6.0, g.eye_y + 14),
        "nose_wing": (g.half_nose, g.nose_base - 6),
        "fold": (0.5 * (g.half_nose + g.half_mouth) + 7, 0.5 * (g.nose_base + g.mouth_y) - 2),
        "upper_lip": (0.4 * g.half_mouth, g.mouth_y - 0.7 * g.upper_lip),
        "lower_lip": (0.35 * g.half_mouth, g.mouth_y + 0.7 * g.lower_lip),
        "corner": (g.half_mouth, g.mouth_y - g.smile),
        "chin": (6.0, g.chin - 20),
        "jaw": (22.0, g.chin - 8),
    }


@lru_cache(maxsize=64)
def neutral_landmarks(g: Geometry) -> Points:
    """The 68 iBUG landmarks `(68 2)` of the face at rest, x y in units; image left comes first."""
    eye, brow = g.half_eyes, g.half_brow
    five, four = np.linspace(-0.95, 0.95, 5), np.array([-1, -0.35, 0.35, 1.0])
    brow_x = eye + brow * five
    brows = [(-brow_x[::-1], brow_line(g, five)[::-1]), (brow_x, brow_line(g, five))]
    bridge = (np.zeros(4), np.linspace(g.eye_y - 3, g.nose_base - 9, 4))
    base = (0.8 * g.half_nose * np.linspace(-1, 1, 5), g.nose_base - np.array([2.5, 0.8, 0, 0.8, 2.5]))
    lid_x, upper, lower = (
        eye + g.half_eye * four,
        lid_line(g, four, upper=True),
        lid_line(g, four, upper=False),
    )
    left = (np.r_[-lid_x[::-1], -lid_x[1:3]], np.r_[upper[::-1], lower[1:3]])
    right = (np.r_[lid_x, lid_x[2:0:-1]], np.r_[upper, lower[2:0:-1]])
    parts = [_contour(g), *brows, bridge, base, left, right, _lips(g)]
    points = np.concatenate([np.stack(part, axis=1) for part in parts])
    points[:, 0] += MIDDLE
    return points


def _contour(g: Geometry) -> tuple[Points, Points]:
    angle = np.pi * np.linspace(0.03, 0.97, 17)
    reach = np.linspace(0, 1.2 * (g.chin - 104) + g.half_width, 4000)
    x, y = -np.cos(angle)[:, None] * reach, np.sin(angle)[:, None] * reach + 104
    radius = outline(g, (x + MIDDLE).astype(np.float32), y.astype(np.float32))
    last = np.argmax(radius > 1, axis=1)
    rows = np.arange(17)
    return x[rows, last], y[rows, last]


def _lips(g: Geometry) -> tuple[Points, Points]:
    seven, five = np.array([-1, -0.55, -0.18, 0, 0.18, 0.55, 1]), np.array([-0.88, -0.3, 0, 0.3, 0.88])
    top, _, _ = mouth_lines(g, seven)
    _, _, bottom = mouth_lines(g, seven[5:0:-1])
    _, gap, _ = mouth_lines(g, five)
    _, below, _ = mouth_lines(g, five[3:0:-1])
    x = np.r_[seven, seven[5:0:-1], five, five[3:0:-1]] * g.half_mouth
    return x, np.r_[top, bottom, gap - 0.4, below + 0.4]
