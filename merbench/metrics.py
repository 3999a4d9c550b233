"""Scores of predictions: counts pooled over folds (MEGC 2019); other averages bear names that say what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Scores of one set of predictions, all in 0..1.

    Pooled over folds: `uf1`, the mean over the scheme's classes of 2TP / (2TP + FP + FN), where a class that is
    neither true nor predicted counts 0; `uar`, the mean recall over classes that have clips; `accuracy`;
    `weighted_f1`. Means of folds, which weight a subject of one clip like one of thirty: `fold_mean_accuracy`;
    `fold_mean_f1_absent_zero`, where classes absent from a fold count 0 (a perfect method stays below 1);
    `fold_mean_f1_present`, where they are left out. `f1` and `recall` are by class; recall is NaN without clips.
    """

    uf1: float
    uar: float
    accuracy: float
    weighted_f1: float
    fold_mean_accuracy: float
    fold_mean_f1_absent_zero: float
    fold_mean_f1_present: float
    f1: tuple[float, ...]
    recall: tuple[float, ...]
    support: tuple[int, ...]


def confusion(truth: Labels, predicted: Labels, classes: int) -> npt.NDArray[np.int64]:
    """Counts `(true class, predicted class)` of labels `(clip)`."""
    counts = np.bincount(truth * classes + predicted, minlength=classes * classes)
    return counts.reshape(classes, classes)


def f1_by_class(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """2TP / (2TP + FP + FN) of each class; 0 for a class neither true nor predicted."""
    hits = 2 * np.diag(counts)
    involved = counts.sum(0) + counts.sum(1)
    f1: npt.NDArray[np.float64] = np.divide(hits, involved, out=np.zeros(len(counts)), where=involved > 0)
    return f1


def recall_by_class(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """TP / n of each class; NaN for a class without clips."""
    support = counts.sum(1)
    undefined = np.full(len(counts), np.nan)
    recall: npt.NDArray[np.float64] = np.divide(np.diag(counts), support, out=undefined, where=support > 0)
    return recall


def pooled_uf1(truth: Labels, predicted: Labels, classes: int) -> float:
    """UF1 of the pooled counts."""
    return float(f1_by_class(confusion(truth, predicted, classes)).mean())


def scores(folds: Sequence[tuple[Labels, Labels]], classes: int) -> Scores:
    """The scores of predictions given fold by fold, as pairs of true and predicted labels `(clip)`."""
    by_fold = [confusion(truth, predicted, classes) for truth, predicted in folds]
    pooled = np.sum(by_fold, axis=0)
    f1, recall, support = f1_by_class(pooled), recall_by_class(pooled), pooled.sum(1)
    return Scores(
        uf1=float(f1.mean()),
        uar=float(np.nanmean(recall)),
        accuracy=float(np.trace(pooled) / pooled.sum()),
        weighted_f1=float(f1 @ support / support.sum()),
        fold_mean_accuracy=float(np.mean([np.trace(counts) / counts.sum() for counts in by_fold])),
        fold_mean_f1_absent_zero=float(np.mean([f1_by_class(counts).mean() for counts in by_fold])),
        fold_mean_f1_present=float(np.mean([_present_f1(counts) for counts in by_fold])),
        f1=tuple(map(float, f1)),
        recall=tuple(map(float, recall)),
        support=tuple(map(int, support)),
    )


def _present_f1(counts: npt.NDArray[np.int64]) -> float:
    present = (counts.sum(0) + counts.sum(1)) > 0
    return float(f1_by_class(counts)[present].mean())
