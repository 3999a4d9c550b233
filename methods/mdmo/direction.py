"""The mean flow in each region's main direction, of many clips at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .regions import REGIONS, regions

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from . import MDMOParameters

    Field = npt.NDArray[np.float32]
    Values = npt.NDArray[np.float64]

#: Of 45 degrees each, the first one's middle to the right; the paper's number, where the first begins is a choice.
DIRECTIONS = 8
#: Landmarks that muscles hardly move: the nose and the corners of the eyes. A choice.
STILL = (*range(27, 36), 36, 39, 42, 45)


def features(flow: Field, points: Field, settings: MDMOParameters) -> Field:
    """Features `(clip 72)` of flow `(clip time uv height width)` and the first frame's landmarks `(clip 68 xy)`.

    The vectors of a region's main direction, averaged over time as vectors, since angles cannot be, give a magnitude
    and an angle in radians, from u towards v. Magnitudes come first, each kind with its weight.
    """
    import numpy as np

    moved = flow - affine(flow, points) if settings.align == "affine" else flow
    area = regions(points, moved.shape[-2:], settings.radius)
    u, v = main_flow(moved, area).mean(axis=1).transpose(2, 0, 1)
    lengths = np.hypot(u, v)
    if settings.magnitudes == "relative":
        longest = lengths.max(axis=1, keepdims=True)
        lengths = np.divide(lengths, longest, out=np.zeros_like(lengths), where=longest > 0)
    both = [settings.weight * lengths, (1 - settings.weight) * np.arctan2(v, u)]
    return np.concatenate(both, axis=1).astype(np.float32)


def main_flow(flow: Field, area: npt.NDArray[np.int64]) -> Values:
    """The mean of the flow vectors in the direction that most pixels of a region take: `(clip time region uv)`.

    `flow` is `(clip time uv height width)`, `area` the region of each pixel, `(clip height width)`.
    """
    import numpy as np

    count, times = flow.shape[:2]
    u, v = flow[:, :, 0], flow[:, :, 1]
    place = np.arange(count * times).reshape(count, times, 1, 1) * (REGIONS + 1) + area[:, None]
    cells = (place * DIRECTIONS + _bins(u, v)).ravel()
    shape = (count, times, REGIONS + 1, DIRECTIONS)
    every = [np.bincount(cells, weights, minlength=np.prod(shape)) for weights in (None, u.ravel(), v.ravel())]
    pixels, *sums = (found.reshape(shape)[:, :, :REGIONS] for found in every)
    main = pixels.argmax(axis=-1)[..., None]
    most = np.maximum(np.take_along_axis(pixels, main, -1), 1)
    return np.concatenate([np.take_along_axis(found, main, -1) / most for found in sums], axis=-1)


def affine(flow: Field, points: Field) -> Field:
    """The affine flow `(clip time uv height width)` that fits, by least squares, that at the still landmarks."""
    import numpy as np

    height, width = flow.shape[-2:]
    still = points[:, STILL]
    columns, rows = (np.clip(np.rint(still[..., axis]), 0, (width, height)[axis] - 1).astype(int) for axis in (0, 1))
    clips = np.arange(len(flow))[:, None]
    seen = flow[clips, :, :, rows, columns]  # (clip point time uv)
    known = np.stack([columns, rows, np.ones_like(rows)], axis=-1)
    maps = np.einsum("cap,cptw->ctwa", np.linalg.pinv(known), seen)
    grid = np.stack(np.broadcast_arrays(np.arange(width), np.arange(height)[:, None], 1))
    return np.asarray(np.einsum("ctwa,ahv->ctwhv", maps, grid, optimize=True), dtype=np.float32)


def _bins(u: Field, v: Field) -> npt.NDArray[np.int64]:
    import numpy as np

    return np.rint(np.arctan2(v, u) * (DIRECTIONS / (2 * np.pi))).astype(np.int64) % DIRECTIONS
