"""Average pooling to a fixed number of cells, whose gradient has the same bits every time on a GPU, too."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from merbench.training.device.transfer import constant


def adaptive_average(features: Tensor, side: int) -> Tensor:
    """Cells `(clip maps side side)` of features `(clip maps height width)`, as `adaptive_avg_pool2d` gives them.

    Its gradient on a GPU is a sum in no fixed order; two products of matrices are not.
    """
    height, width = features.shape[-2:]
    down, right = (_matrix(length, side, features.device, features.dtype) for length in (height, width))
    cells: Tensor = down @ features @ right.mT
    return cells


def _matrix(length: int, cells: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    return constant(_weights(length, cells), dtype, device).view(cells, length)


@cache
def _weights(length: int, cells: int) -> tuple[float, ...]:
    """What each position weighs in the mean of each cell, `(cell length)` in a row."""
    rows = []
    for cell in range(cells):
        first, end = cell * length // cells, -(-(cell + 1) * length // cells)
        rows += [1 / (end - first) if first <= position < end else 0.0 for position in range(length)]
    return tuple(rows)
