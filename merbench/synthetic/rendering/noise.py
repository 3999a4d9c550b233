"""Smooth random textures that stay the same at every resolution."""

import numpy as np
from scipy.ndimage import map_coordinates

from .view import Plane

_LOW, _HIGH = -360.0, 600.0


def _weights(position: Plane) -> tuple[list[Plane], Plane]:
    cell = np.floor(position)
    t = (position - cell).astype(np.float32)
    cubic = [(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3]
    return [np.asarray(weight / 6, dtype=np.float32) for weight in cubic], cell


def _spread(lattice: Plane, position: Plane) -> Plane:
    weights, cell = _weights(position)
    first = np.clip(cell.astype(np.intp), 0, len(lattice) - 4)
    terms = [weight[:, None] * lattice[first + k] for k, weight in enumerate(weights)]
    return np.asarray(terms[0] + terms[1] + terms[2] + terms[3], dtype=np.float32)


def noise(rng: np.random.Generator, x: Plane, y: Plane, period: float) -> Plane:
    """Zero-mean noise `(height width)` of deviation near 1 whose grains are about `period` units wide."""
    count = int((_HIGH - _LOW) / period) + 5
    lattice = rng.standard_normal((count, count), dtype=np.float32)
    rows = _spread(lattice, (y[:, 0] - np.float32(_LOW)) / np.float32(period))
    plane = _spread(np.ascontiguousarray(rows.T), (x[0] - np.float32(_LOW)) / np.float32(period)).T
    return np.ascontiguousarray(plane * np.float32(2.1))


def streaks(rng: np.random.Generator, across: Plane, along: Plane, width: float, length: float) -> Plane:
    """Noise `(height width)` over bent coordinates in units: strands about `width` thick, `length` long."""
    lattice = rng.standard_normal((64, 256), dtype=np.float32)
    where = np.stack(np.broadcast_arrays(along / np.float32(length), across / np.float32(width)))
    return np.asarray(map_coordinates(lattice, where, order=1, mode="grid-wrap"), dtype=np.float32)
