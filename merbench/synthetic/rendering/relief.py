"""The face's depth, and how light falls on it."""

import numpy as np
from scipy.ndimage import gaussian_filter

from .anatomy import outline
from .appearance import Appearance
from .geometry import MIDDLE, Geometry
from .shapes import bump, line, ramp
from .view import Plane


def relief(g: Geometry, look: Appearance, x: Plane, y: Plane) -> Plane:
    """Height towards the camera `(height width)` of the face's surface, in units."""
    radius = outline(g, x, y)
    depth = 74 * np.sqrt(np.clip(1 - 0.96 * radius**2, 0.02, None))
    depth = depth + _hills(g, x, y) + _nose(g, x, y) + _folds(g, look, x, y)
    return np.asarray(depth, dtype=np.float32)


def _hills(g: Geometry, x: Plane, y: Plane) -> Plane:
    eye, lips = g.half_eyes, g.mouth_y
    paired = [
        (3.2, eye, g.brow_y + 1, 19, 6),
        (-7.5 * g.socket, eye - 2, g.eye_y - 3, 17, 10),
        (-5.0 * g.socket, eye - 17, g.eye_y - 3, 7, 9),
        (5.2, eye, g.eye_y + 1, 12, 8),
        (-1.4, eye - 3, g.eye_y + 17, 14, 4),
        (6.0 * g.cheek, eye + 10, g.nose_base - 16, 17, 15),
        (-4.0 * g.cheek, eye + 18, lips - 2, 13, 20),
        (-6.0, 72, g.eye_y - 24, 14, 24),
        (0.9, 4.5, lips - 13, 2.6, 7),
        (2.5, 30, g.chin - 24, 16, 14),
    ]
    central = [
        (4.0, 0, lips + 1, 28, 20),
        (2.6, 0, lips - 0.6 * g.upper_lip, 0.5 * g.half_mouth, 3.0),
        (5.0, 0, lips + 0.55 * g.lower_lip, 0.45 * g.half_mouth, 4.0),
        (-4.4, 0, lips + g.lower_lip + 8, 17, 5),
        (6.0, 0, g.chin - 17, 15, 10),
        (-0.9, 0, lips - 13, 2.2, 7),
        (3.5, 0, g.brow_y - 26, 36, 16),
    ]
    rows = central + [(rise, s * away, *rest) for rise, away, *rest in paired for s in (-1, 1)]
    hills = sum(np.float32(h) * bump(x, y, (MIDDLE + cx, cy), (sx, sy)) for h, cx, cy, sx, sy in rows)
    return np.asarray(hills, dtype=np.float32)


def _nose(g: Geometry, x: Plane, y: Plane) -> Plane:
    tip = g.nose_base - 8
    along = ramp(y, g.eye_y - 16, tip)
    rise = 4 * ramp(y, g.brow_y - 4, g.eye_y + 8) + 15 * along**1.4
    profile = rise * (1 - ramp(y, tip - 1, g.nose_base + 3))
    width = g.bridge + 1.5 + (0.42 * g.half_nose - g.bridge) * along + 7 * (1 - ramp(y, g.brow_y - 8, g.eye_y))
    off = x - np.float32(MIDDLE + g.skew) * along - np.float32(MIDDLE) * (1 - along)
    ridge = profile * np.exp(-0.5 * (off / width) ** 2)
    wing = 0.72 * g.half_nose
    wings = [bump(x, y, (MIDDLE + s * wing, g.nose_base - 5.5), (0.3 * g.half_nose, 5.2)) for s in (-1, 1)]
    ball = bump(x, y, (MIDDLE + g.skew, tip + 1), (0.42 * g.half_nose, 6.5))
    return np.asarray(g.nose_relief * (ridge + 9.0 * (wings[0] + wings[1]) + 4.5 * ball), dtype=np.float32)


def fold_distance(g: Geometry, x: Plane, y: Plane) -> tuple[Plane, Plane]:
    """Distance from the nasolabial fold (positive towards the cheek), and how present the fold is there (0..1)."""
    top, bottom = g.nose_base - 9, g.mouth_y + 3
    t = np.clip((y - np.float32(top)) / np.float32(bottom - top), 0, 1.1)
    curve = (g.half_nose + 1) + (g.half_mouth + 9 - g.half_nose) * t**1.25
    distance = 0.8 * (np.abs(x - np.float32(MIDDLE)) - curve)
    presence = ramp(y, top - 6, top + 8) * (1 - ramp(y, bottom - 14, bottom + 8))
    return np.asarray(distance, dtype=np.float32), np.asarray(presence, dtype=np.float32)


def _folds(g: Geometry, look: Appearance, x: Plane, y: Plane) -> Plane:
    distance, presence = fold_distance(g, x, y)
    step = np.tanh(distance / 5) * np.exp(-0.5 * (distance / 16) ** 2)
    return np.asarray(look.fold * presence * (2.6 * step - 1.1 * line(distance, 2.2)), dtype=np.float32)


def shading(look: Appearance, depth: Plane, scale: float) -> tuple[Plane, Plane]:
    """Light `(height width 3)` on a matt surface of that depth, and its gloss `(height width)`.

    `scale` is in pixels a unit.
    """
    down, across = np.gradient(depth, 1 / scale)
    length = np.sqrt(across**2 + down**2 + 1)
    facing = (-across * look.light[0] - down * look.light[1] + look.light[2]) / length
    soft = np.clip((facing + 0.22) / 1.22, 0, None)
    sky = 0.5 - 0.5 * down / length
    hollow = np.clip((gaussian_filter(depth, 9 * scale) - depth) / 16, -0.35, 0.6)
    small = np.clip((gaussian_filter(depth, 3 * scale) - depth) / 5, -0.25, 0.5)
    ambient = (1 - look.contrast) * (0.72 + 0.28 * sky) * (1 - 0.55 * hollow - 0.3 * small)
    amount = ambient + look.contrast * 1.12 * soft * (1 - 0.35 * hollow - 0.25 * small)
    # Light that enters skin comes out red, so dim parts are redder than bright ones.
    tint = np.stack([amount**0.86, amount, amount**1.06], axis=-1)
    half = look.light + np.array([0, 0, 1], dtype=np.float32)
    half = half / np.sqrt((half**2).sum())
    gloss = np.clip((-across * half[0] - down * half[1] + half[2]) / length, 0, 1) ** 22
    return np.asarray(tint, dtype=np.float32), np.asarray(gloss, dtype=np.float32)
