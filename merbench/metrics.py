"""Scores of predictions: counts pooled over folds (MEGC 2019), or means of folds where a protocol averages (HDE)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int64]
#: How far the sum of the probabilities of a clip may be from 1; chosen here, for the rounding of bfloat16.
SUM_TOLERANCE = 1e-3
#: By subset, the keys of its clips: those of one dataset, say, of a run over several.
Subsets = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Scores of one set of predictions, all in 0..1.

    Pooled over folds: `uf1`, the mean over the scheme's classes of 2TP / (2TP + FP + FN), where a class that is
    neither true nor predicted counts 0; `uar`, the mean recall over classes that have clips; `accuracy`;
    `weighted_f1`. Means of folds, which weight a subject of one clip like one of thirty: `fold_mean_accuracy`;
    `fold_mean_f1_absent_zero`, where classes absent from a fold count 0 (a perfect method stays below 1);
    `fold_mean_f1_present`, where they are left out. `f1` and `recall` are by class; recall is NaN without clips.

    Averaged, as HDE is (Yap et al., MEGC 2018): what is pooled otherwise is the mean over folds of the same score of
    each fold's own counts; a class's recall, over the folds that have clips of it.
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

    @property
    def headline(self) -> float:
        """The score that ranks: `uf1`."""
        return self.uf1


def probability_fault(values: object, clips: int, classes: int) -> str:
    """What keeps values from being probabilities `(clip class)` or `(epoch clip class)`, as a phrase; empty if nothing.

    >>> probability_fault([[0.5, 0.4]], 1, 2)
    'the probabilities of a clip must sum to 1, not to 0.9'
    """
    if fault := shape_fault(values, clips, classes):
        return fault
    sums = np.asarray(values).sum(axis=-1, dtype=np.float64).ravel()
    worst = float(sums[np.abs(sums - 1).argmax()])
    return "" if abs(worst - 1) <= SUM_TOLERANCE else f"the probabilities of a clip must sum to 1, not to {worst:.6g}"


def shape_fault(values: object, clips: int, classes: int) -> str:
    """What keeps values from being finite numbers from 0, `(clip class)` or `(epoch clip class)`; empty if nothing."""
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        return f"probabilities must be real numbers, not {array.dtype}"
    if array.ndim not in (2, 3) or array.shape[-2:] != (clips, classes) or not array.size:
        return f"probabilities must be (clip class) = ({clips}, {classes}), after each epoch or once, not {array.shape}"
    if not np.isfinite(array).all():
        return "probabilities must be finite"
    if float(array.min()) < 0:
        return f"probabilities must not be negative, as {float(array.min()):.3g} is"
    return ""


def confusion(truth: Labels, predicted: Labels, classes: int) -> Counts:
    """Counts `(true class, predicted class)` of labels `(clip)`."""
    counts = np.bincount(truth * classes + predicted, minlength=classes * classes)
    return counts.reshape(classes, classes)


def f1_by_class(counts: Counts) -> npt.NDArray[np.float64]:
    """2TP / (2TP + FP + FN) of each class; 0 for a class neither true nor predicted."""
    hits = 2 * np.diag(counts)
    involved = counts.sum(0) + counts.sum(1)
    f1: npt.NDArray[np.float64] = np.divide(hits, involved, out=np.zeros(len(counts)), where=involved > 0)
    return f1


def recall_by_class(counts: Counts) -> npt.NDArray[np.float64]:
    """TP / n of each class; NaN for a class without clips."""
    support = counts.sum(1)
    undefined = np.full(len(counts), np.nan)
    recall: npt.NDArray[np.float64] = np.divide(np.diag(counts), support, out=undefined, where=support > 0)
    return recall


def pooled_uf1(truth: Labels, predicted: Labels, classes: int) -> float:
    """UF1 of the pooled counts."""
    return float(f1_by_class(confusion(truth, predicted, classes)).mean())


def combined_uf1(folds: Sequence[tuple[Labels, Labels]], classes: int, *, averaged: bool = False) -> float:
    """UF1 of predictions given fold by fold: of the pooled counts, or `averaged` over the folds' own."""
    by_fold = [confusion(truth, predicted, classes) for truth, predicted in folds]
    units = by_fold if averaged else [np.sum(by_fold, axis=0)]
    return float(np.mean([f1_by_class(counts).mean() for counts in units]))


def scores(folds: Sequence[tuple[Labels, Labels]], classes: int, *, averaged: bool = False) -> Scores:
    """The scores of predictions given fold by fold, as pairs of true and predicted labels `(clip)`.

    Pooled over folds; `averaged` over them where a protocol says so.
    """
    by_fold = [confusion(truth, predicted, classes) for truth, predicted in folds]
    pooled: Counts = np.sum(by_fold, axis=0)
    units = by_fold if averaged else [pooled]
    f1 = np.mean([f1_by_class(counts) for counts in units], axis=0)
    return Scores(
        uf1=float(np.mean([f1_by_class(counts).mean() for counts in units])),
        uar=float(np.mean([np.nanmean(recall_by_class(counts)) for counts in units])),
        accuracy=float(np.mean([np.trace(counts) / counts.sum() for counts in units])),
        weighted_f1=float(np.mean([f1_by_class(counts) @ counts.sum(1) / counts.sum() for counts in units])),
        fold_mean_accuracy=float(np.mean([np.trace(counts) / counts.sum() for counts in by_fold])),
        fold_mean_f1_absent_zero=float(np.mean([f1_by_class(counts).mean() for counts in by_fold])),
        fold_mean_f1_present=float(np.mean([_present_f1(counts) for counts in by_fold])),
        f1=tuple(map(float, f1)),
        recall=tuple(map(float, _mean_recall(units))),
        support=tuple(map(int, pooled.sum(1))),
    )


def _mean_recall(units: Sequence[Counts]) -> npt.NDArray[np.float64]:
    """Recall by class, its mean over those that have clips of the class; NaN where none has."""
    recall = np.array([recall_by_class(counts) for counts in units])
    defined = ~np.isnan(recall)
    total, times = np.where(defined, recall, 0.0).sum(axis=0), defined.sum(axis=0)
    mean: npt.NDArray[np.float64] = np.divide(total, times, out=np.full(len(total), np.nan), where=times > 0)
    return mean


def _present_f1(counts: Counts) -> float:
    present = (counts.sum(0) + counts.sum(1)) > 0
    return float(f1_by_class(counts)[present].mean())


def keys_by_subset(subset_of: Mapping[str, str]) -> dict[str, list[str]]:
    """The keys of the clips of each subset, both sorted, from the subset of each key."""
    keys: dict[str, list[str]] = {subset: [] for subset in sorted(set(subset_of.values()))}
    for key in sorted(subset_of):
        keys[subset_of[key]].append(key)
    return keys


def labels_within(
    subset: Sequence[str], keys: Sequence[Sequence[str]], folds: Sequence[tuple[Labels, Labels]]
) -> list[tuple[Labels, Labels]]:
    """True and predicted labels `(clip)` of the clips of a subset, fold by fold; folds without any are omitted."""
    members = set(subset)
    masks = [np.array([key in members for key in fold], dtype=bool) for fold in keys]
    return [(truth[m], predicted[m]) for m, (truth, predicted) in zip(masks, folds, strict=True) if m.any()]


def subset_scores(
    subsets: Subsets,
    keys: Sequence[Sequence[str]],
    folds: Sequence[tuple[Labels, Labels]],
    classes: int,
    *,
    averaged: bool = False,
) -> dict[str, Scores]:
    """The scores of each subset: its counts pooled over folds (MEGC 2019), or its scores `averaged` over them."""
    return {
        name: scores(labels_within(members, keys, folds), classes, averaged=averaged)
        for name, members in subsets.items()
    }
