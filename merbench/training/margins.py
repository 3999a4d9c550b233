"""The margin loss of single classes and units, on which that of a clip is built."""

from __future__ import annotations

import torch
from torch import Tensor

#: What absent classes weigh in the margin loss (Sabour, Frosst, Hinton, NIPS 2017, eq. 4).
ABSENT = 0.5


def margins(lengths: Tensor, true: Tensor, present: float, absent: float, weights: Tensor | None = None) -> Tensor:
    """The margin loss (Sabour, Frosst, Hinton, NIPS 2017, eq. 4) of each length, before any sum or mean.

    `lengths` are those of capsules, `(... class)` in 0..1, `true` says which of them are present, and `weights`
    `(class)` is what the presence of each weighs.
    """
    short, long = (present - lengths).clamp_min(0) ** 2, (lengths - absent).clamp_min(0) ** 2
    return torch.where(true, short if weights is None else weights * short, ABSENT * long)
