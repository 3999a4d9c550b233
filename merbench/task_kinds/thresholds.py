"""The threshold of each unit that gives the highest F1 on some clips."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

#: A unit is predicted where its probability is above this: 0.5, where the logit is above 0, as in MEB's code.
THRESHOLD = 0.5

Thresholds = npt.NDArray[np.float64]


def best_thresholds(probabilities: npt.NDArray[np.floating], truth: npt.NDArray[np.int64]) -> Thresholds:
    """The thresholds `(epoch unit)`, in 0..1, of the highest F1 of presence on clips, unit by unit and epoch by epoch.

    `probabilities` are `(epoch clip unit)`, `truth` is 0 or 1 `(clip unit)`. Tried are 0.5 and every midpoint of
    neighbouring probabilities, the lowest one's of 0 and itself; of equally good ones the nearest to 0.5 is taken,
    which is 0.5 itself where no clip has the unit.

    >>> best_thresholds(np.array([[[0.1], [0.2], [0.3]]]), np.array([[0], [0], [1]])).tolist()
    [[0.25]]
    """
    values = probabilities.astype(np.float64)
    order = values.argsort(axis=1, kind="stable")
    ranked = np.take_along_axis(values, order, axis=1)
    present = np.take_along_axis(np.broadcast_to(truth, values.shape), order, axis=1)
    lower = np.concatenate([np.zeros_like(ranked[:, :1]), ranked[:, :-1]], axis=1)
    # a threshold below the clip at each rank predicts this clip and all above it
    above = np.arange(values.shape[1], 0, -1)[:, None]
    f1 = 2 * present[:, ::-1].cumsum(axis=1)[:, ::-1] / (above + truth.sum(axis=0))
    return _nearest_of_best(
        np.concatenate([(lower + ranked) / 2, np.full_like(ranked[:, :1], THRESHOLD)], axis=1),
        np.concatenate([np.where(lower < ranked, f1, -1.0), _f1_at_default(values, truth)], axis=1),
    )


def _f1_at_default(values: npt.NDArray[np.float64], truth: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    predicted = values > THRESHOLD
    either = predicted.sum(axis=1, keepdims=True) + truth.sum(axis=0)
    right = 2 * (predicted & (truth == 1)).sum(axis=1, keepdims=True)
    return np.asarray(right / np.maximum(either, 1))


def _nearest_of_best(candidates: Thresholds, f1: npt.NDArray[np.float64]) -> Thresholds:
    best = f1 == f1.max(axis=1, keepdims=True)
    distance = np.where(best, np.abs(candidates - THRESHOLD), np.inf)
    return np.take_along_axis(candidates, distance.argmin(axis=1)[:, None], axis=1)[:, 0]
