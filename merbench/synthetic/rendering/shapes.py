"""Smooth shapes on the face's plane, over x `(1 width)` and y `(height 1)`, or over points."""

import numpy as np
from scipy.special import expit

from .view import Plane


def bump(x: Plane, y: Plane, centre: tuple[float, float], spread: tuple[float, float]) -> Plane:
    """A Gaussian hill of height 1 with standard deviations `spread` (x, y) in units."""
    across = np.exp(-0.5 * ((x - np.float32(centre[0])) / np.float32(spread[0])) ** 2)
    down = np.exp(-0.5 * ((y - np.float32(centre[1])) / np.float32(spread[1])) ** 2)
    return np.asarray(across * down, dtype=np.float32)


def inside(distance: Plane, softness: float) -> Plane:
    """1 where `distance` (units, positive inwards) is large, 0 far outside, an S-shaped edge between."""
    return np.asarray(expit(distance / np.float32(softness)), dtype=np.float32)


def line(distance: Plane, width: float) -> Plane:
    """A soft line of height 1 and standard deviation `width` where `distance` (units) is 0."""
    return np.asarray(np.exp(-0.5 * (distance / np.float32(width)) ** 2), dtype=np.float32)


def ramp(value: Plane, low: float, high: float) -> Plane:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def blend(image: Plane, colour: Plane, mask: Plane) -> Plane:
    """`image (height width 3)` with `colour` laid over it where `mask (height width)` is 1."""
    return np.asarray(image + mask[..., None] * (colour - image), dtype=np.float32)
