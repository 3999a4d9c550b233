"""Holding one set of probabilities against another."""

from __future__ import annotations

import numpy as np

from merbench.testing.check import Failed
from merbench.testing.harness import Probabilities

#: What float32 sums in another order may differ by, after two epochs.
TOLERANCE = 1e-4


def require_equal(one: Probabilities, two: Probabilities, otherwise: str, *, exact: bool = False) -> None:
    """Nothing, if two sets of probabilities are equal: to the bit where `exact`, else within float32's reach.

    Raises:
        Failed: with the sentence `otherwise` and the largest difference.
    """
    if one.shape != two.shape:
        raise Failed(f"{otherwise} (shapes {one.shape} and {two.shape}).")
    apart = float(np.abs(one.astype(np.float64) - two.astype(np.float64)).max(initial=0.0))
    if not apart <= (0.0 if exact else TOLERANCE):
        raise Failed(f"{otherwise} (by up to {apart:.2g}).")
