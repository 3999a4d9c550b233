"""Motion of the skin that no action unit makes: a smooth random field, another one in every clip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates

from .view import SPAN, Plane

#: Units from one value of the lattice to the next: found with the amounts of the difficulty `realistic`.
_PERIOD = 40.0
#: Units beyond the face over which the field is drawn, as heads move and crops are wider than the face.
_MARGIN = 64.0
#: Standard deviation of a cubic B-spline over a lattice of independent standard normal values, over all places.
_DEVIATION = 0.479


@dataclass(frozen=True, slots=True, kw_only=True)
class Tissue:
    """The field of the clip with this seed: a spline over random values, `amount` units in standard deviation."""

    seed: int
    amount: float

    def displacement(self, x: Plane, y: Plane) -> Plane:
        """The displacement `(... 2)`, x then y in units, of the points (x, y), which broadcast together."""
        across, down = np.broadcast_arrays(x, y)
        places = [(axis + _MARGIN) / _PERIOD + 1 for axis in (down, across)]
        fields = [map_coordinates(plane, places, order=3, mode="nearest", prefilter=False) for plane in self._lattice()]
        return np.stack(fields, axis=-1).astype(np.float32)

    def _lattice(self) -> Plane:
        """The values `(2 row column)` between which the spline runs."""
        rng = np.random.default_rng(np.random.SeedSequence([self.seed, 9]))
        count = int(np.ceil((SPAN + 2 * _MARGIN) / _PERIOD)) + 4
        return (rng.standard_normal((2, count, count)) * (self.amount / _DEVIATION)).astype(np.float32)
