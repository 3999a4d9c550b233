"""The colour of bare skin before light falls on it."""

import numpy as np

from .anatomy import outline
from .appearance import Appearance
from .geometry import MIDDLE, Geometry
from .noise import noise
from .relief import fold_distance
from .shapes import bump, line, ramp
from .view import Plane

_RED = np.array([0.03, -0.17, -0.14], dtype=np.float32)
_BROWN = np.array([-0.35, -0.5, -0.6], dtype=np.float32)


def skin_colour(g: Geometry, look: Appearance, rng: np.random.Generator, x: Plane, y: Plane) -> Plane:
    """Reflectance `(height width 3)` of the skin: mottled, redder on cheeks and nose, with pores and freckles."""
    grain = _grain(look, rng, x, y)
    red = look.blush * _blush(g, x, y) + 0.14 * look.mottle * (noise(rng, x, y, 13) + noise(rng, x, y, 5))
    tone = 1 + grain[..., None] + red[..., None] * _RED
    tone = tone + _spots(g, look, rng, x, y)[..., None] * _BROWN
    tone = tone * (1 - _shadows(g, look, x, y))[..., None]
    tone = tone * (1 - look.stubble * _beard(g, rng, x, y)[..., None] * np.array([0.3, 0.24, 0.18], dtype=np.float32))
    return np.asarray(look.skin * np.clip(tone, 0.1, 1.6), dtype=np.float32)


def _grain(look: Appearance, rng: np.random.Generator, x: Plane, y: Plane) -> Plane:
    layers = [(1.1, 0.022), (1.9, 0.022), (3.6, 0.018), (9.0, 0.018), (28.0, 0.022)]
    grain = sum(np.float32(amount * look.mottle) * noise(rng, x, y, period) for period, amount in layers)
    return np.asarray(grain, dtype=np.float32)


def _blush(g: Geometry, x: Plane, y: Plane) -> Plane:
    cheeks = [bump(x, y, (MIDDLE + s * (g.half_eyes + 10), g.nose_base - 14), (17, 14)) for s in (-1, 1)]
    nose = bump(x, y, (MIDDLE + g.skew, g.nose_base - 8), (12, 10))
    return np.asarray(
        cheeks[0] + cheeks[1] + 0.9 * nose + 0.4 * bump(x, y, (MIDDLE, g.chin - 16), (16, 10)), np.float32
    )


def _spots(g: Geometry, look: Appearance, rng: np.random.Generator, x: Plane, y: Plane) -> Plane:
    fine, coarse = noise(rng, x, y, 2.2), noise(rng, x, y, 4.5)
    where = bump(x, y, (MIDDLE, g.nose_base - 20), (42, 20))
    freckles = look.freckles * where * (0.7 * ramp(fine, 1.2, 2.2) + 0.6 * ramp(coarse, 1.3, 2.2))
    moles = rng.uniform([MIDDLE - 60, g.brow_y - 30], [MIDDLE + 60, g.chin - 10], (5, 2))
    sizes = rng.uniform(0.5, 1.3, 5) * (rng.random(5) < 0.5)
    marks = sum(bump(x, y, (float(cx), float(cy)), (s, s)) for (cx, cy), s in zip(moles, sizes, strict=True) if s > 0)
    return np.asarray(freckles + marks, dtype=np.float32)


def _shadows(g: Geometry, look: Appearance, x: Plane, y: Plane) -> Plane:
    distance, presence = fold_distance(g, x, y)
    dark = 0.13 * look.fold * presence * line(distance, 2.0)
    for s in (-1, 1):
        eye = MIDDLE + s * g.half_eyes
        dark = dark + 0.16 * look.bags * bump(x, y, (eye - s * 4, g.eye_y + 13), (12, 4.5))
        dark = (
            dark
            + 0.12 * bump(x, y, (eye - s * 12, g.eye_y - 4), (8, 8))
            + 0.1 * bump(x, y, (eye, g.eye_y - 8), (15, 4))
        )
        dark = dark + 0.2 * bump(x, y, (MIDDLE + s * (g.half_mouth + 2), g.mouth_y), (3.2, 3))
        dark = dark + _nostril(g, s, x, y)
    under = bump(x, y, (MIDDLE, g.nose_base + 3.5), (0.7 * g.half_nose, 3.2))
    return np.asarray(np.clip(dark + 0.2 * under, 0, 0.93), dtype=np.float32)


def _nostril(g: Geometry, s: int, x: Plane, y: Plane) -> Plane:
    away, base = MIDDLE + s * g.half_nose * 0.42, g.nose_base - 0.8
    hole = bump(x, y + s * 0.25 * (x - np.float32(away)), (away, base), (0.17 * g.half_nose, 1.35))
    side = MIDDLE + s * (g.half_nose + 0.5)
    bent = x - np.float32(side) + s * 0.035 * (y - np.float32(g.nose_base - 6)) ** 2
    wing = line(bent, 1.3) * np.exp(-0.5 * ((y - np.float32(g.nose_base - 5)) / np.float32(4)) ** 2)
    return np.asarray(0.85 * hole + 0.22 * wing, dtype=np.float32)


def _beard(g: Geometry, rng: np.random.Generator, x: Plane, y: Plane) -> Plane:
    low = ramp(y, g.nose_base - 6, g.mouth_y + 10)
    side = ramp(np.abs(x - np.float32(MIDDLE)) / np.float32(g.half_width), 0.5, 0.85) * ramp(
        y, g.eye_y + 10, g.nose_base
    )
    lip = bump(x, y, (MIDDLE, g.nose_base + 12), (24, 6))
    where = np.clip(low * ramp(outline(g, x, y), 0.35, 0.75) + side + lip, 0, 1)
    return np.asarray(where * np.clip(0.75 + 0.3 * noise(rng, x, y, 1.3), 0, 1.6), dtype=np.float32)
