"""Which action units occur together, counted in the training clips of one fold."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

#: The nine units of the re-implementation, brows first; the paper's own nine are unverified.
BROWS = (1, 2, 4)
MOUTH = (10, 12, 14, 15, 17, 25)
UNITS = (*BROWS, *MOUTH)


def adjacency(action_units: Sequence[Sequence[int]], normalisation: str = "symmetric") -> Tensor:
    """How much each unit hears of each, `(unit unit)`: D^-1/2 (A + I) D^-1/2, where D are the sums of rows of A + I.

    With the normalisation ``rows`` it is D^-1 (A + I), whose rows sum to 1.

    A is, for two units of some clips, the share of the clips with the one that have the other. Units that never occur,
    or clips without coding, leave a unit connected only to itself.
    """
    present = torch.tensor([[float(unit in clip) for unit in UNITS] for clip in action_units]).reshape(-1, len(UNITS))
    together = present.T @ present
    share = together / together.diagonal().clamp_min(1)[:, None]
    share.fill_diagonal_(1)
    if normalisation == "rows":
        return share / share.sum(1, keepdim=True)
    scale = share.sum(1).rsqrt()
    return scale[:, None] * share * scale
