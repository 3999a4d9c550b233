"""How far action units move every point of a face."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from .anatomy import anchors
from .geometry import MIDDLE, Geometry
from .muscles import MUSCLES, ActionUnit, Side
from .shapes import bump
from .view import SPAN, Plane


def displacement(g: Geometry, units: Sequence[ActionUnit], x: Plane, y: Plane) -> Plane:
    """Summed motion `(... 2)`, x then y in units, of the points (x, y), which broadcast together."""
    total = np.zeros((*np.broadcast_shapes(x.shape, y.shape), 2), dtype=np.float32)
    for unit in units:
        _add(total, g, unit.number, unit.side, unit.strength / peak(g, unit.number, unit.side), x, y)
    return total


@lru_cache(maxsize=4096)
def peak(g: Geometry, number: int, side: Side) -> float:
    """The longest motion of an action unit before scaling, over a whole face."""
    axis = np.arange(0, SPAN + 24, 1.0, dtype=np.float32)
    total = np.zeros((len(axis), len(axis), 2), dtype=np.float32)
    _add(total, g, number, side, 1.0, axis[None, :], axis[:, None])
    return float(np.sqrt((total**2).sum(-1).max()))


def _add(total: Plane, g: Geometry, number: int, side: Side, factor: float, x: Plane, y: Plane) -> None:
    signs = {"L": (1.0,), "R": (-1.0,), None: (1.0, -1.0)}[side]
    for pull in MUSCLES[number]:
        away, down = anchors(g)[pull.anchor]
        for sign in signs:
            centre = (MIDDLE + sign * (away + pull.offset[0]), down + pull.offset[1])
            hill = bump(x, y, centre, pull.spread)
            if pull.way[0]:
                total[..., 0] += np.float32(factor * sign * pull.way[0]) * hill
            total[..., 1] += np.float32(factor * pull.way[1]) * hill
