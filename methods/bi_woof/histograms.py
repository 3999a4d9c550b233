"""Flow directions by block, weighted twice, of many clips at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Field = npt.NDArray[np.float32]
    Values = npt.NDArray[np.float64]


def histograms(fields: Field, blocks: int, directions: int) -> Field:
    """Histograms `(clip value)` of fields `(clip uv-and-strain height width)`: by block row, block column, direction.

    Each point counts with its magnitude (the local weight) and each block's histogram, brought to sum 1, with the sum
    of strain in the block (the global weight); the whole has length 1. Where nothing moves all is 0.
    """
    import numpy as np

    count, _, height, width = fields.shape
    rows, columns = (np.arange(length) * blocks // length for length in (height, width))
    block = np.arange(count)[:, None, None] * blocks**2 + rows[:, None] * blocks + columns
    u, v, strain = fields.astype(np.float64).transpose(1, 0, 2, 3)
    cell = block * directions + direction(u, v, directions)
    local = _sums(cell, np.hypot(u, v), count * blocks**2 * directions).reshape(-1, directions)
    whole = _sums(block, strain, count * blocks**2)[:, None]
    weighted = _over(local, local.sum(axis=1, keepdims=True)) * whole
    joined = weighted.reshape(count, -1)
    return _over(joined, np.linalg.norm(joined, axis=1, keepdims=True)).astype(np.float32)


def direction(u: Values, v: Values, directions: int) -> npt.NDArray[np.int64]:
    """The bin of each displacement: they are equal parts of -180 (included) to 180 degrees, from u towards v.

    With v downwards, bins go clockwise as seen, from the one that begins at leftwards.
    """
    import numpy as np

    turn = (np.arctan2(v, u) + np.pi) / (2 * np.pi)
    return (turn * directions).astype(np.int64) % directions


def _sums(cells: npt.NDArray[np.int64], weights: Values, count: int) -> Values:
    import numpy as np

    return np.bincount(cells.ravel(), weights.ravel(), minlength=count).astype(np.float64)


def _over(values: Values, sums: Values) -> Values:
    """The values divided by their sums, 0 where those are 0."""
    import numpy as np

    return np.divide(values, sums, out=np.zeros_like(values), where=sums > 0)
