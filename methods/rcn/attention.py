"""The attention of RCN-A, which has no weights of its own."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

#: Keeps a map without any contrast from dividing by nought; far below what maps differ by.
_LEAST_CONTRAST = 1e-6


def activation_map(features: Tensor, weight: Tensor, pool: int) -> Tensor:
    """Weights 0..1 of the cells, `(clip 1 pool pool)`, from the classifier's own weights.

    `features` are `(clip maps height width)`, `weight` is the classifier's, `(class maps*pool*pool)`. Each class has a
    map: the features of a cell times what the class gives for them, stretched to 0..1; the classes are averaged.
    """
    cells = functional.adaptive_avg_pool2d(features, pool)
    by_class = torch.einsum("nmhw,cmhw->nchw", cells, weight.unflatten(1, cells.shape[1:]))
    low, high = by_class.amin((2, 3), keepdim=True), by_class.amax((2, 3), keepdim=True)
    return ((by_class - low) / (high - low + _LEAST_CONTRAST)).mean(1, keepdim=True)
