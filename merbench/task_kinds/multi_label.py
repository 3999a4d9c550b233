"""Multi-label tasks: each clip has any number of several units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from merbench import metrics
from merbench.kind_names import MULTI_NAME, NO_UNIT
from merbench.plural import plural
from merbench.task_kinds import unit_metrics
from merbench.task_kinds.base import Folds, Labels, Probabilities, TaskKind
from merbench.task_kinds.thresholds import THRESHOLD, Thresholds
from merbench.task_kinds.unit_metrics import UnitScores


class MultiLabel(TaskKind):
    """A clip has any number of the units; each has a probability of its own, and is predicted above a threshold."""

    name = MULTI_NAME
    word = "unit"
    headline = "mean_f1"
    headline_shown = "mean F1"
    scores_shown: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"mean_f1": "mean F1", "fold_mean_f1": "mean F1, fold mean", "macro_f1": "macro F1", "accuracy": "accuracy"}
    )
    compared = ("mean_f1", "macro_f1")
    ranked = ("mean_f1", "fold_mean_f1", "macro_f1")
    subset_shown = ("mean_f1", "macro_f1", "accuracy")
    confusion_shown = "clips by unit"
    lowered = "mean F1"
    notes = (
        f"A unit is predicted where its probability is above {THRESHOLD}, or the run's threshold. Mean F1: over units.",
        "Fold mean: the mean over folds of each fold's own mean F1. Macro F1: F1 of absence, too, in the mean.",
        "Accuracy: the share of clips with every unit right.",
    )
    least_classes = 1

    def encoded(self, labels: Sequence[str], classes: Sequence[str]) -> Labels:
        """0 or 1 `(clip unit)`."""
        rows = [[int(name in self.parts(label)) for name in classes] for label in labels]
        return np.array(rows, dtype=np.int64).reshape(len(labels), len(classes))

    def text(self, value: npt.ArrayLike, classes: Sequence[str]) -> str:
        """The names of the units that are 1, joined by ``+``."""
        return "+".join(name for name, there in zip(classes, np.asarray(value), strict=True) if there) or NO_UNIT

    def parts(self, label: str) -> frozenset[str]:
        """The units that are named."""
        return frozenset(label.split("+")) - {NO_UNIT}

    def counts(self, truth: Labels, classes: int) -> list[int]:
        """The number of clips that have each unit."""
        return [int(count) for count in truth.sum(axis=0)]

    def predicted(self, probabilities: npt.NDArray[np.floating], thresholds: Thresholds | None = None) -> Labels:
        """1 where the probability is above the unit's threshold, or 0.5; else 0."""
        return (probabilities > (THRESHOLD if thresholds is None else thresholds)).astype(np.int64)

    def correct(self, truth: Labels, predicted: Labels) -> npt.NDArray[np.bool_]:
        """Whether every unit is right."""
        return np.asarray((truth == predicted).all(axis=-1))

    def own_probability(self, probabilities: Probabilities, truth: npt.ArrayLike) -> float:
        """The smallest over units of the probability of its presence or absence, whichever is true."""
        return float(np.where(np.asarray(truth) == 1, probabilities, 1 - probabilities).min())

    def truth_fault(self, truth: Labels, clips: int, classes: int) -> str:
        """Why an array is not 0 or 1 `(clip unit)`, as a phrase; empty if it is."""
        if truth.shape != (clips, classes) or truth.dtype != np.int64:
            size = f"{plural(clips, 'clip')} and {plural(classes, 'unit')}"
            return f"truth must be int64 of {size}, not {truth.dtype} {truth.shape}"
        return "" if np.isin(truth, (0, 1)).all() else "truth must be 0 or 1 of each unit"

    def probability_fault(self, values: object, clips: int, classes: int) -> str:
        """Why values are not probabilities within 0..1, one for each unit, as a phrase; empty if they are."""
        fault = metrics.shape_fault(values, clips, classes)
        if fault:
            return fault
        largest = float(np.asarray(values).max())
        return f"probabilities must not be above 1, as {largest:.6g} is" if largest > 1 else ""

    def scores(self, folds: Folds, classes: int, *, averaged: bool = False) -> UnitScores:
        """F1 of each unit and its means."""
        return unit_metrics.unit_scores(folds, averaged=averaged)

    def headline_score(self, folds: Folds, classes: int, *, averaged: bool = False) -> float:
        """The mean of F1 over units."""
        return unit_metrics.mean_f1(folds, averaged=averaged)

    def fold_score(self, truth: Labels, predicted: Labels) -> float:
        """Mean F1 over units: by accuracy, predicting no unit at all would often be best, as most are absent."""
        return unit_metrics.mean_f1([(truth, predicted)])

    def log_loss(self, probabilities: Probabilities, truth: Labels) -> float:
        """The mean over clips and units, for presence or absence, whichever is true."""
        own = np.where(truth == 1, probabilities, 1 - probabilities).astype(np.float64)
        return float(-np.log(np.maximum(own, 1e-7)).mean())
