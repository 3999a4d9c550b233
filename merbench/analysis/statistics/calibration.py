"""How far predicted probabilities can be taken at their word: the reliability curve and the calibration error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.errors import UsageError
from merbench.plural import plural

#: As in Guo et al. (2017); with the field's few clips, bins of equally many clips are the steadier ones.
BINS = 10

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Clips of similar confidence: how many, their mean confidence, and the share predicted correctly."""

    clips: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The reliability curve, from the least to the most confident clips, and the expected calibration error.

    The error is the mean over clips of |confidence - accuracy| of their bin, in 0..1. It is biased upwards with few
    clips: a perfectly calibrated method of 246 clips in 10 bins shows about 0.06.
    """

    bins: tuple[ReliabilityBin, ...]
    error: float


def calibration(probabilities: Array, truth: npt.NDArray[np.int64], bins: int = BINS) -> Calibration:
    """The calibration of probabilities `(clip class)` for true classes `(clip)`, in bins of equally many clips.

    Confidence is the probability of the predicted class. Several seeds are pooled by giving their clips one after
    another.

    Raises:
        UsageError: for no clips, shapes that disagree, values outside 0..1, or fewer than one bin.
    """
    if probabilities.ndim != 2 or len(truth) != len(probabilities) or not len(truth):
        raise UsageError(
            f"Probabilities {probabilities.shape} for {plural(len(truth), 'clip')}: one row a clip and at least "
            "one are needed."
        )
    if bins < 1:
        raise UsageError(f"bins={bins} is not possible: it must be at least 1.")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise UsageError("Probabilities must be within 0..1; give those of the classes, not scores or logits.")
    confidence = probabilities.max(1)
    correct = probabilities.argmax(1) == truth
    parts = np.array_split(np.argsort(confidence, kind="stable"), min(bins, len(truth)))
    curve = tuple(
        ReliabilityBin(clips=len(part), confidence=float(confidence[part].mean()), accuracy=float(correct[part].mean()))
        for part in parts
    )
    error = sum(one.clips * abs(one.confidence - one.accuracy) for one in curve) / len(truth)
    return Calibration(bins=curve, error=float(error))
