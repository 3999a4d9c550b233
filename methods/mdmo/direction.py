"""The main direction of optical flow in a region, and the motion that all of a face shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Field = npt.NDArray[np.float32]
    Vectors = npt.NDArray[np.float64]

#: Of 45 degrees each, the first one's middle to the right (paper's number; the port's first one).
DIRECTIONS = 8
#: Landmarks that muscles hardly move: the rim of the face to the jaw, and the tip of the nose (MEB's port).
STILL = (*range(6), *range(11, 17), 30)


def main_direction(u: Field, v: Field) -> Vectors:
    """The mean flow `(xy)` of the pixels in the direction that most of a region's pixels take; 0 for no pixels.

    Lengths and angles are averaged, each by itself, as in MEB's port.
    """
    import numpy as np

    if not len(u):
        return np.zeros(2)
    angles = np.arctan2(v, u).astype(np.float64)
    bins = np.rint(angles * (DIRECTIONS / (2 * np.pi))).astype(np.int64) % DIRECTIONS
    main = int(np.bincount(bins, minlength=DIRECTIONS).argmax())
    chosen = bins == main
    middle = main * 2 * np.pi / DIRECTIONS
    beside = (angles[chosen] - middle + np.pi) % (2 * np.pi) - np.pi  # from the middle, so that no angle wraps
    angle, length = middle + beside.mean(), np.hypot(u[chosen], v[chosen]).mean()
    return np.array([length * np.cos(angle), length * np.sin(angle)], dtype=np.float64)


def affine(flow: Field, points: Field) -> Field:
    """The affine flow `(uv height width)` that fits, by least squares, that at the still landmarks `(68 xy)`."""
    import numpy as np

    height, width = flow.shape[-2:]
    columns, rows = (
        np.clip(np.rint(points[list(STILL), axis]), 0, (width, height)[axis] - 1).astype(int) for axis in (0, 1)
    )
    known = np.stack([columns, rows, np.ones_like(rows)], axis=-1).astype(np.float64)
    maps = np.linalg.pinv(known) @ flow[:, rows, columns].T.astype(np.float64)  # (xy1 uv)
    grid = np.stack(np.broadcast_arrays(np.arange(width), np.arange(height)[:, None], 1))
    return np.asarray(np.tensordot(maps.T, grid, 1), dtype=np.float32)
