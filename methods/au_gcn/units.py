"""Which action units occur together, counted in the training clips of one fold."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

#: The nine units of the re-implementation, brows first; the paper's own nine are unverified.
BROWS = (1, 2, 4)
MOUTH = (10, 12, 14, 15, 17, 25)
UNITS = (*BROWS, *MOUTH)


def adjacency(action_units: Sequence[Sequence[int]]) -> Tensor:
    """How much each unit hears of each, `(unit unit)`; rows sum to 1.

    Of the units of some clips: the share of the clips with one unit that have the other, and 1 on the diagonal, over
    the sum of the row. Units that never occur, or clips without coding, leave a unit to hear itself alone.
    """
    present = torch.tensor([[float(unit in clip) for unit in UNITS] for clip in action_units]).reshape(-1, len(UNITS))
    together = present.T @ present
    share = together / together.diagonal().clamp_min(1)[:, None]
    share.fill_diagonal_(1)
    return share / share.sum(1, keepdim=True)
