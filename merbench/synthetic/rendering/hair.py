"""Brows and the hair of the head, drawn as strands."""

import numpy as np

from .anatomy import brow_line, outline
from .appearance import Appearance
from .geometry import MIDDLE, Geometry
from .noise import noise, streaks
from .shapes import blend, inside, ramp
from .view import Plane

_LONG_END = 268.0


def paint_brows(albedo: Plane, g: Geometry, look: Appearance, rng: np.random.Generator, x: Plane, y: Plane) -> Plane:
    """`albedo (height width 3)` with both brows painted in as slanted strands."""
    colour = np.asarray(look.hair_colour * 0.8, dtype=np.float32)
    for s in (-1, 1):
        t = np.asarray(s * (x - np.float32(MIDDLE)) - g.half_eyes, dtype=np.float32) / np.float32(g.half_brow)
        over = brow_line(g, t).astype(np.float32) - y
        slant = np.float32(g.half_brow) * t - over * (0.25 + 1.5 * ramp(t, -0.9, 0.9))
        strand = streaks(rng, slant, over, 1.0, 5.0) + 0.6 * noise(rng, x, y, 1.6)
        half = np.float32(g.brow_thickness) * (1.05 - 0.55 * ramp(t, 0.1, 1.1)) * (0.75 + 0.25 * ramp(t, -1.1, -0.6))
        body = inside(half + 0.5 - np.abs(over) + 0.9 * strand, 0.8) * ramp(t, -1.12, -0.78) * (1 - ramp(t, 0.85, 1.15))
        fill = look.brow_density * body * np.clip(0.8 + 0.22 * strand, 0.3, 1)
        albedo = blend(albedo, colour, np.asarray(0.93 * fill, dtype=np.float32))
    return albedo


def hair_layers(
    g: Geometry, look: Appearance, rng: np.random.Generator, x: Plane, y: Plane
) -> tuple[Plane, Plane, Plane]:
    """Hair colour `(height width 3)`, and the masks `(height width)` of hair behind and before the face."""
    away = np.abs(x - np.float32(MIDDLE - 0.0))
    comb = np.hypot((x - np.float32(MIDDLE + look.parting)) * 1.0, (y + 55) * 0.75)
    angle = np.arctan2(x - np.float32(MIDDLE + look.parting), y + np.float32(70))
    strand = 0.6 * streaks(rng, angle * 120, comb, 1.2, 60) + 0.4 * streaks(rng, angle * 120, comb, 3.5, 90)
    shine = np.exp(-0.5 * ((y - np.float32(g.hairline - 22)) / 16) ** 2)
    tone = np.clip(0.85 + 0.45 * strand + 0.5 * shine, 0.2, 2.5)
    colour = look.hair_colour * tone[..., None] + (0.012 * (1 + strand) * (0.35 + 1.6 * shine)).clip(0, 0.1)[..., None]
    ragged = 1.1 * strand + 0.9 * noise(rng, x, y, 8)
    return (
        np.asarray(colour, dtype=np.float32),
        _behind(g, look, x, y, ragged),
        _front(g, look, x, y, away, ragged),
    )


def _behind(g: Geometry, look: Appearance, x: Plane, y: Plane, ragged: Plane) -> Plane:
    long = _is_long(look)
    wide = g.half_width + (17 if long else 7)
    edge = np.hypot(np.abs(x - np.float32(MIDDLE)) / wide, np.minimum(y - 60, 0) / np.float32(112))
    reach = np.minimum((1 - edge) * wide + ragged, (_LONG_END if long else 95) - y + 4 * ragged)
    return inside(np.asarray(reach, dtype=np.float32), 1.2)


def _front(g: Geometry, look: Appearance, x: Plane, y: Plane, away: Plane, ragged: Plane) -> Plane:
    skull = (1 - np.hypot(away / (g.half_width + 8), np.minimum(y - 60, 0) / np.float32(110))) * 90
    top = np.where(y > 110, -50, np.minimum(_hairline(g, look, x, away / np.float32(g.half_width)) - y, skull))
    if _is_long(look):
        side = np.minimum(away - np.float32(0.91 * g.half_width) - 8 * ramp(y, 130, 210), skull + 9)
        side = np.minimum(side, _LONG_END - y + 4 * ragged)
    else:
        side = (outline(g, x, y) - np.float32(0.97)) * np.float32(g.half_width)
        side = np.minimum(side - 60 * ramp(y, g.eye_y - 4, g.eye_y + 22), skull)
        side = np.minimum(side, g.eye_y + 16 - y)
    return inside(np.asarray(np.maximum(top, side) + ragged, dtype=np.float32), 1.3)


def _hairline(g: Geometry, look: Appearance, x: Plane, reach: Plane) -> Plane:
    if look.hair_style == "fringe":
        edge = g.brow_y - 13 + 6 * reach**2
    elif look.hair_style == "swept":
        edge = g.hairline + 0.16 * np.sign(look.parting) * (x - np.float32(MIDDLE)) + 34 * reach**3.2
    else:
        edge = g.hairline + 30 * reach**3 + 4 * np.cos(x / 17)
    return np.asarray(edge, dtype=np.float32)


def _is_long(look: Appearance) -> bool:
    return look.hair_style in ("long", "fringe")
