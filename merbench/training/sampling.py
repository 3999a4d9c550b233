"""Which clips each step sees: always exactly `min(batch, clips)` of them."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt


def steps_an_epoch(clips: int, batch: int) -> int:
    """The number of steps after which every clip was seen once."""
    return math.ceil(clips / min(batch, clips))


def epoch_order(
    labels: npt.NDArray[np.int64], batch: int, sampling: str, generator: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Positions of training clips `(step clip)` for one epoch.

    Plain: a permutation that wraps round to fill the last step, so that batch statistics never see a ragged batch.
    Balanced: as many draws with replacement, every class equally likely.
    """
    clips = len(labels)
    size = min(batch, clips)
    steps = steps_an_epoch(clips, batch)
    if sampling == "balanced":
        return generator.choice(clips, size=(steps, size), p=_balanced(labels))
    order = generator.permutation(clips)
    return np.resize(order, (steps, size))


def _balanced(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    weight = 1.0 / np.bincount(labels)[labels]
    return np.asarray(weight / weight.sum())
