"""Local binary patterns on three orthogonal planes, of many clips at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Codes = npt.NDArray[np.uint8]

#: The two axes of each plane, as places in (time, row, column); patterns go round from the second to the first.
PLANES = {"xy": (1, 2), "xt": (0, 2), "yt": (0, 1)}
#: Uniform patterns of 4 neighbours have a bin each, the two others, 0101 and 1010, share the last.
BINS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Radii:
    """How far the neighbours lie along each axis, in pixels and frames."""

    x: int = 1
    y: int = 1
    t: int = 4

    @property
    def by_axis(self) -> tuple[int, int, int]:
        """In the order (time, row, column)."""
        return self.t, self.y, self.x


def histograms(clips: npt.NDArray[Any], radii: Radii, blocks: int) -> npt.NDArray[np.float32]:
    """Histograms `(clip value)` of grey clips `(clip time row column)`: by block row, block column, plane and pattern.

    Each histogram sums to 1 (Zhao & Pietikäinen, TPAMI 2007). Counted are the points whose neighbours all lie in the
    clip, on every plane; blocks part them, in rows and columns as equal as can be, over all times. Grey levels are
    rounded, lest the last bit of an interpolation decide which of two equal ones is higher.
    """
    import numpy as np

    levels = np.clip(np.rint(clips), 0, 255).astype(np.uint8)
    counts = np.stack([_counts(_uniform()[codes(levels, plane, radii)], blocks) for plane in PLANES], axis=2)
    shares = counts / counts.sum(axis=-1, keepdims=True)
    return np.asarray(shares.reshape(len(clips), -1), dtype=np.float32)


def codes(levels: Codes, plane: str, radii: Radii) -> Codes:
    """Patterns 0..15 of the inner points of grey levels `(clip time row column)`.

    Bit 0 says that the neighbour after the point on the plane's second axis is no darker than it, bit 1 that the one
    before it on the first axis is not, bits 2 and 3 the same of those opposite. With 4 neighbours all lie on points.
    """
    import numpy as np

    first, second = PLANES[plane]
    centre = _moved(levels, radii, 0, 0)
    patterns = np.zeros(centre.shape, dtype=np.uint8)
    for bit, (axis, way) in enumerate(((second, 1), (first, -1), (second, -1), (first, 1))):
        patterns |= (_moved(levels, radii, axis, way) >= centre).astype(np.uint8) << np.uint8(bit)
    return patterns


def _moved(levels: Codes, radii: Radii, axis: int, way: int) -> Codes:
    inner = []
    for place, (radius, length) in enumerate(zip(radii.by_axis, levels.shape[1:], strict=True)):
        shift = way * radius if place == axis else 0
        inner.append(slice(radius + shift, length - radius + shift))
    return levels[(slice(None), *inner)]


def _uniform() -> Codes:
    """The bin of each of the 16 patterns: those with at most two changes around the circle in order, then the rest."""
    import numpy as np

    changes = [((code ^ (code >> 1 | (code & 1) << 3)) & 15).bit_count() for code in range(16)]
    order = iter(range(BINS))
    return np.array([next(order) if count <= 2 else BINS - 1 for count in changes], dtype=np.uint8)


def _counts(bins: Codes, blocks: int) -> npt.NDArray[np.int64]:
    """How often each bin occurs: `(clip block plane-bin)` of bins `(clip time row column)`."""
    import numpy as np

    count, _, height, width = bins.shape
    rows, columns = (np.arange(length) * blocks // length for length in (height, width))
    block = rows[:, None] * blocks + columns
    place = np.arange(count)[:, None, None, None] * blocks**2 + block
    cells = np.bincount((place * BINS + bins).ravel(), minlength=count * blocks**2 * BINS)
    return cells.reshape(count, blocks**2, BINS)
