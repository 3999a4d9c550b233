"""Lips: their colour, fine wrinkles, the line between them and the shine of the lower one."""

import numpy as np

from .anatomy import mouth_lines
from .appearance import Appearance
from .geometry import MIDDLE, Geometry
from .noise import streaks
from .shapes import blend, bump, inside, line, ramp
from .view import Plane


def paint_lips(albedo: Plane, g: Geometry, look: Appearance, rng: np.random.Generator, x: Plane, y: Plane) -> Plane:
    """`albedo (height width 3)` with the lips painted in."""
    u = np.asarray((x - np.float32(MIDDLE)) / np.float32(g.half_mouth), dtype=np.float32)
    top, gap, bottom = (edge.astype(np.float32) for edge in mouth_lines(g, u))
    ends = 1 - ramp(np.abs(u), 0.9, 1.04)
    upper = inside(y - top, 0.75) * inside(gap - y, 0.5)
    lower = inside(y - gap, 0.5) * inside(bottom - y, 1.0)
    fan = np.asarray(x + np.float32(0.1 * MIDDLE) * np.abs(u), dtype=np.float32)
    wrinkle = 1 + 0.06 * streaks(rng, fan, y, 1.1, 9.0)
    colour = look.lip_colour * wrinkle[..., None]
    albedo = blend(albedo, (0.82 * colour).astype(np.float32), look.lip_depth * ends * upper)
    albedo = blend(albedo, (1.08 * colour).astype(np.float32), look.lip_depth * ends * lower)
    thin = 1 - 0.45 * ramp(np.abs(u), 0.2, 1.0)
    dark = 0.62 * thin * line(y - gap, 0.65) + 0.22 * line(y - gap - 0.8, 2.0)
    return np.asarray(albedo * (1 - (1 - ramp(np.abs(u), 0.8, 1.06)) * dark)[..., None], dtype=np.float32)


def lip_gloss(g: Geometry, look: Appearance, x: Plane, y: Plane) -> Plane:
    """The soft highlight `(height width)` on the lower lip and along the upper lip's border."""
    cx = MIDDLE + 8 * float(look.light[0])
    low = bump(x, y, (cx, g.mouth_y + 0.5 * g.lower_lip), (0.33 * g.half_mouth, 1.5))
    high = bump(x, y, (cx, g.mouth_y - g.upper_lip - 0.6), (0.35 * g.half_mouth, 1.0))
    return np.asarray(0.05 * low + 0.025 * high, dtype=np.float32)
