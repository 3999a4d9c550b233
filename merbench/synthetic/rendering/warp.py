"""Sampling an image at places between its pixels."""

import numpy as np
from numpy.typing import NDArray

from .view import Plane


def sample(image: Plane, column: Plane, row: Plane) -> Plane:
    """Bilinear values `(channel height width)` at pixel coordinates `(height width)`, held at the edges."""
    channels, height, width = image.shape
    column = np.clip(column, 0, np.float32(width - 1.001))
    row = np.clip(row, 0, np.float32(height - 1.001))
    left, top = column.astype(np.intp), row.astype(np.intp)
    right_share, low_share = column - left.astype(np.float32), row - top.astype(np.float32)
    flat, first = image.reshape(channels, -1), top * width + left
    upper = _between(flat, first, right_share)
    lower = _between(flat, first + width, right_share)
    lower -= upper
    lower *= low_share
    upper += lower
    return upper


def _between(flat: Plane, first: NDArray[np.intp], share: Plane) -> Plane:
    value, after = np.take(flat, first, axis=1), np.take(flat, first + 1, axis=1)
    after -= value
    after *= share
    value += after
    return value
