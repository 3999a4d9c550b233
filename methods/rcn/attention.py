"""The attention of RCN-A, which has no weights of its own."""

from __future__ import annotations

import torch
from torch import Tensor

from .pooling import adaptive_average


def activation_map(features: Tensor, weight: Tensor, pool: int) -> Tensor:
    """Weights 0..1 of the cells, `(clip 1 pool pool)`, from the classifier's own weights.

    `features` are `(clip maps height width)`, `weight` is the classifier's, `(class maps*pool*pool)`. Each class has a
    map: the features of a cell times what the class gives for them, stretched to 0..1; the classes are averaged. A map
    without any contrast, for which the release has no number, weighs 0 everywhere.
    """
    cells = adaptive_average(features, pool)
    by_class = torch.einsum("nmhw,cmhw->nchw", cells, weight.unflatten(1, cells.shape[1:]))
    low, high = by_class.amin((2, 3), keepdim=True), by_class.amax((2, 3), keepdim=True)
    contrast = (high - low).masked_fill(high == low, torch.inf)
    return ((by_class - low) / contrast).mean(1, keepdim=True)
