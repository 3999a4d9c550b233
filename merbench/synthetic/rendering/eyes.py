"""Eyes: the ball between the lids, iris and highlight, lashes and the lid's crease."""

from typing import NamedTuple

import numpy as np

from .anatomy import lid_line
from .appearance import Appearance
from .geometry import MIDDLE, Geometry
from .noise import noise
from .shapes import blend, bump, inside, line, ramp
from .view import Plane

_WHITE = np.array([0.66, 0.60, 0.56], dtype=np.float32)
_PINK = np.array([0.48, 0.22, 0.19], dtype=np.float32)
_DARK = np.array([0.012, 0.009, 0.008], dtype=np.float32)


class _Grid(NamedTuple):
    """Coordinates of an eye's patch: `u` across the eye in half widths, outwards; `x` and `y` in pixels."""

    u: Plane
    x: Plane
    y: Plane


def paint_eyes(
    image: Plane, g: Geometry, look: Appearance, light: Plane, rng: np.random.Generator, x: Plane, y: Plane
) -> Plane:
    """`image (height width 3)`, linear light, with both eyes painted in."""
    image = image.copy()
    rows = np.abs(y[:, 0] - np.float32(g.eye_y)) < 20
    for s in (-1, 1):
        u = np.asarray((s * (x - np.float32(MIDDLE)) - g.half_eyes) / g.half_eye, dtype=np.float32)
        columns = np.abs(u[0]) < 1.4
        patch = np.ix_(rows, columns)
        image[patch] = _eye(image[patch], g, look, light[patch], rng, s, _Grid(u[:, columns], x[:, columns], y[rows]))
    return image


def _eye(
    image: Plane, g: Geometry, look: Appearance, light: Plane, rng: np.random.Generator, s: int, grid: _Grid
) -> Plane:
    u, x, y = grid
    upper = lid_line(g, u, upper=True).astype(np.float32)
    lower = lid_line(g, u, upper=False).astype(np.float32)
    span = inside((1 - np.abs(u)) * np.float32(g.half_eye), 0.5)
    image = _crease(image, g, look, u, upper, y)
    ball = _ball(g, look, rng, s, x, y, upper, u) * np.clip(light, 0.25, 1.0)
    ball = ball + 0.75 * _highlight(g, look, s, x, y)[..., None]
    open_ = span * inside(y - upper, 0.45) * inside(lower - y, 0.45)
    image = blend(image, ball, open_)
    return _lashes(image, g, look, u, upper, lower, y)


def _ball(
    g: Geometry,
    look: Appearance,
    rng: np.random.Generator,
    s: int,
    x: Plane,
    y: Plane,
    upper: Plane,
    u: Plane,
) -> Plane:
    cx, cy = MIDDLE + s * g.half_eyes, g.eye_y - 0.6
    away = np.hypot(x - np.float32(cx), y - np.float32(cy))
    edge = np.clip(1 - 0.32 * np.abs(u) ** 2, 0.4, 1)
    white = _WHITE * edge[..., None] * (1 + 0.03 * noise(rng, x, y, 3))[..., None]
    white = blend(white, _PINK, inside(-u * np.float32(g.half_eye) - np.float32(g.half_eye - 3.2), 0.7))
    angle = np.arctan2(y - np.float32(cy), x - np.float32(cx))
    rays = 1 + 0.22 * np.sin(angle * 23 + 3 * np.sin(angle * 5)) * ramp(away, 2, 4)
    lit = rays * (0.85 + 0.55 * ramp(y, cy - 3, cy + g.iris)) * (1 - 0.75 * ramp(away, g.iris - 2.2, g.iris + 0.3))
    iris = look.iris_colour * lit[..., None]
    iris = blend(iris.astype(np.float32), _DARK, inside(np.float32(0.4 * g.iris) - away, 0.35))
    painted = blend(white.astype(np.float32), iris, inside(np.float32(g.iris) - away, 0.45))
    shadow = 0.42 + 0.58 * ramp(y - upper, -0.5, 5.5)
    return np.asarray(painted * shadow[..., None], dtype=np.float32)


def _highlight(g: Geometry, look: Appearance, s: int, x: Plane, y: Plane) -> Plane:
    cx = MIDDLE + s * g.half_eyes + 4.5 * look.light[0]
    cy = g.eye_y - 0.6 + 4.5 * look.light[1]
    return np.asarray(bump(x, y, (cx, cy), (1.0, 0.95)) + 0.12 * bump(x, y, (cx + 2.4, cy + 4), (1.6, 0.8)), np.float32)


def _crease(image: Plane, g: Geometry, look: Appearance, u: Plane, upper: Plane, y: Plane) -> Plane:
    reach = 1 - ramp(np.abs(u), 0.75, 1.2)
    fold = upper - np.float32(g.crease) * (0.75 + 0.25 * np.clip(1 - u**2, 0, 1))
    dark = 0.42 * line(y - fold, 0.75) + 0.2 * line(y - fold + 1.2, 1.8)
    rim = 0.25 * line(y - (2 * np.float32(g.eye_y) - upper + 5 - 0.38 * (np.float32(g.eye_y) - upper)), 1.4)
    return np.asarray(image * (1 - reach * (dark + look.bags * rim))[..., None], dtype=np.float32)


def _lashes(image: Plane, g: Geometry, look: Appearance, u: Plane, upper: Plane, lower: Plane, y: Plane) -> Plane:
    reach = 1 - ramp(np.abs(u), 0.93, 1.1)
    weight = 0.6 + 0.4 * ramp(u, -1, 0.6)
    top = line(y - upper + 0.3, 0.95) * weight
    strands = 0.5 + 0.5 * np.sin(u * 30 + 5 * np.sin(u * 7) + 0.7 * (y - upper))
    fringe = 0.38 * strands * ramp(y - upper, -3.4, -0.6) * inside(upper - y, 0.3) * ramp(u, -0.7, 0.5)
    wet = 0.3 * line(y - lower + 0.4, 0.6)
    bottom = 0.34 * line(y - lower - 0.6, 0.7) * ramp(u, -1, 0.8)
    image = np.asarray(image * (1 + (reach * wet * 0.6)[..., None]), dtype=np.float32)
    return blend(image, _DARK, np.clip(reach * (0.9 * top + fringe + bottom), 0, 0.94))
