"""Scores of multi-label predictions: F1 of each unit and its means, from counts pooled over folds or by fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitScores:
    """Scores of one set of multi-label predictions, all in 0..1.

    A unit's F1 is 2TP / (2TP + FP + FN) for its presence; it is 0 for a unit that is neither present nor predicted, as
    with scikit-learn's `zero_division=0`. From counts pooled over folds: `mean_f1` is the mean of F1 over units;
    `macro_f1` is the mean over units of the mean of F1 for presence and for absence, leaving out what never occurs;
    `accuracy` is the share of clips with every unit right (scikit-learn's for multi-label predictions); `f1`,
    `precision` and `recall` are by unit, precision NaN where nothing is predicted and recall NaN where nothing is
    present. `fold_mean_f1` is the mean over folds of each fold's own mean F1. `support` is the number of clips that
    have the unit.

    `mean_f1` and `macro_f1` are what the benchmark MEB averages over action units as "binary" and "macro", and
    `fold_mean_f1`, where one dataset is left out, its average over datasets (Varanka et al., arXiv 2211.11425: code).

    Where a protocol averages over folds, what is otherwise pooled is the mean of the folds' own scores.
    """

    mean_f1: float
    macro_f1: float
    accuracy: float
    fold_mean_f1: float
    f1: tuple[float, ...]
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    support: tuple[int, ...]

    @property
    def headline(self) -> float:
        """The score that ranks: `mean_f1`."""
        return self.mean_f1


def unit_confusion(truth: Labels, predicted: Labels) -> Counts:
    """Counts of clips `(unit true predicted)` from labels `(clip unit)`, each 0 or 1."""
    both = 2 * truth + predicted
    return np.stack([(both == cell).sum(0) for cell in range(4)], axis=-1).reshape(-1, 2, 2)


def presence_f1(counts: npt.NDArray[np.number]) -> Values:
    """F1 `(...)` for presence from counts `(... true predicted)`; 0 if a unit is neither present nor predicted."""
    return _ratio(2 * counts[..., 1, 1], 2 * counts[..., 1, 1] + counts[..., 0, 1] + counts[..., 1, 0])


def two_sided_f1(counts: npt.NDArray[np.number]) -> Values:
    """The mean `(...)` of F1 for presence and for absence, where they occur, from counts `(... true predicted)`."""
    sides = np.stack([presence_f1(counts), presence_f1(counts[..., ::-1, ::-1])])
    occurs = np.stack([counts.sum((-2, -1)) > counts[..., 0, 0], counts.sum((-2, -1)) > counts[..., 1, 1]])
    return _ratio((sides * occurs).sum(0), occurs.sum(0))


def unit_scores(folds: Sequence[tuple[Labels, Labels]], *, averaged: bool = False) -> UnitScores:
    """The scores of predictions given fold by fold, as pairs of true and predicted labels `(clip unit)`."""
    by_fold = [unit_confusion(truth, predicted) for truth, predicted in folds]
    pooled: Counts = np.sum(by_fold, axis=0)
    parts = by_fold if averaged else [pooled]
    right = [(truth == predicted).all(axis=1) for truth, predicted in folds]
    exact = [each.mean() for each in right] if averaged else [np.concatenate(right).mean()]
    return UnitScores(
        mean_f1=float(np.mean([presence_f1(counts).mean() for counts in parts])),
        macro_f1=float(np.mean([two_sided_f1(counts).mean() for counts in parts])),
        accuracy=float(np.mean(exact)),
        fold_mean_f1=float(np.mean([presence_f1(counts).mean() for counts in by_fold])),
        f1=_floats(np.mean([presence_f1(counts) for counts in parts], axis=0)),
        precision=_floats(_share(pooled[:, 1, 1], pooled[:, :, 1].sum(1))),
        recall=_floats(_share(pooled[:, 1, 1], pooled[:, 1].sum(1))),
        support=tuple(map(int, pooled[:, 1].sum(1))),
    )


def mean_f1(folds: Sequence[tuple[Labels, Labels]], *, averaged: bool = False) -> float:
    """Mean F1 over units from pooled counts, or, if `averaged`, the mean over folds of each fold's own."""
    by_fold = [unit_confusion(truth, predicted) for truth, predicted in folds]
    parts = by_fold if averaged else [np.sum(by_fold, axis=0)]
    return float(np.mean([presence_f1(counts).mean() for counts in parts]))


def _ratio(above: npt.NDArray[np.number], below: npt.NDArray[np.number]) -> Values:
    ratio: Values = np.divide(above, below, out=np.zeros(np.shape(below)), where=below > 0)
    return ratio


def _share(above: Counts, below: Counts) -> Values:
    share: Values = np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)
    return share


def _floats(values: Values) -> tuple[float, ...]:
    return tuple(map(float, values))
