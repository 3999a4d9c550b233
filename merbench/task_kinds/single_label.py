"""Single-label tasks: each clip has one class of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from merbench import metrics
from merbench.kind_names import SINGLE_NAME
from merbench.metrics import Scores
from merbench.plural import plural
from merbench.task_kinds.base import Folds, Labels, Probabilities, TaskKind
from merbench.task_kinds.thresholds import Thresholds


class SingleLabel(TaskKind):
    """Every clip has one class; probabilities sum to one, and the largest is predicted."""

    name = SINGLE_NAME
    word = "class"
    headline = "uf1"
    headline_shown = "UF1"
    scores_shown: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"uf1": "UF1", "uar": "UAR", "accuracy": "accuracy", "weighted_f1": "weighted F1"}
    )
    compared = ("uf1", "uar", "accuracy")
    ranked = ("uf1", "uar", "accuracy")
    subset_shown = ("uf1", "uar")
    confusion_shown = "true class by row, predicted by column"
    lowered = "UF1 and UAR"
    least_classes = 2

    def encoded(self, labels: Sequence[str], classes: Sequence[str]) -> Labels:
        """Indices `(clip)` into the classes."""
        place = {name: index for index, name in enumerate(classes)}
        return np.array([place[label] for label in labels], dtype=np.int64)

    def text(self, value: npt.ArrayLike, classes: Sequence[str]) -> str:
        """The name of the class with that index."""
        return classes[int(np.asarray(value))]

    def parts(self, label: str) -> frozenset[str]:
        """The class itself."""
        return frozenset({label})

    def counts(self, truth: Labels, classes: int) -> list[int]:
        """The clips of each class."""
        return [int(count) for count in np.bincount(truth, minlength=classes)]

    def predicted(self, probabilities: npt.NDArray[np.floating], thresholds: Thresholds | None = None) -> Labels:
        """The index of the largest probability, the first of equal ones."""
        labels: Labels = probabilities.argmax(axis=-1)
        return labels

    def correct(self, truth: Labels, predicted: Labels) -> npt.NDArray[np.bool_]:
        """Whether the class is right."""
        return np.asarray(truth == predicted)

    def own_probability(self, probabilities: Probabilities, truth: npt.ArrayLike) -> float:
        """The probability of the true class."""
        return float(probabilities[int(np.asarray(truth))])

    def truth_fault(self, truth: Labels, clips: int, classes: int) -> str:
        """Why an array is not indices `(clip)`, as a phrase; empty if it is."""
        if truth.shape != (clips,) or truth.dtype != np.int64:
            return f"truth must be int64 of {plural(clips, 'clip')}, not {truth.dtype} {truth.shape}"
        return "" if ((truth >= 0) & (truth < classes)).all() else f"truth must lie in 0..{classes - 1}"

    def probability_fault(self, values: object, clips: int, classes: int) -> str:
        """Why values are not probabilities that sum to one, as a phrase; empty if they are."""
        return metrics.probability_fault(values, clips, classes)

    def scores(self, folds: Folds, classes: int, *, averaged: bool = False) -> Scores:
        """UF1, UAR and the others of `merbench.metrics.Scores`."""
        return metrics.scores(folds, classes, averaged=averaged)

    def headline_score(self, folds: Folds, classes: int, *, averaged: bool = False) -> float:
        """UF1."""
        return metrics.combined_uf1(folds, classes, averaged=averaged)

    def fold_score(self, truth: Labels, predicted: Labels) -> float:
        """The number of clips that are right, by which most released code of the field chooses epochs."""
        return float((predicted == truth).sum())

    def log_loss(self, probabilities: Probabilities, truth: Labels) -> float:
        """The mean over clips, for the probability of the true class."""
        chosen = probabilities[np.arange(len(truth)), truth].astype(np.float64)
        return float(-np.log(np.maximum(chosen, 1e-7)).mean())
