"""The contract of a kind of task: all that depends on what is predicted of a clip."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from merbench import metrics
from merbench.kind_names import KindName
from merbench.metrics import Scores
from merbench.task_kinds.thresholds import Thresholds
from merbench.task_kinds.unit_metrics import UnitScores

AnyScores: TypeAlias = Scores | UnitScores
Labels = npt.NDArray[np.int64]
Probabilities = npt.NDArray[np.float32]
Folds = Sequence[tuple[Labels, Labels]]


class TaskKind(ABC):
    """A kind of task: the shape of its truth, what probabilities and predictions are, and what is scored.

    `scores_shown` has the column of each score that tables show, `compared` are the names of those that are compared,
    the one that ranks first, and `ranked` those that a leaderboard lists. `word` is what one of the classes is called.
    """

    name: ClassVar[KindName]
    word: ClassVar[str]
    headline: ClassVar[str]
    headline_shown: ClassVar[str]
    scores_shown: ClassVar[Mapping[str, str]]
    compared: ClassVar[tuple[str, ...]]
    ranked: ClassVar[tuple[str, str, str]]
    subset_shown: ClassVar[tuple[str, ...]]
    #: What a table of confusion holds.
    confusion_shown: ClassVar[str]
    #: The scores that suffer where a fold has no training clip of a class.
    lowered: ClassVar[str]
    #: What is said under a table of scores.
    notes: ClassVar[tuple[str, ...]] = ()
    least_classes: ClassVar[int]

    def shown(self, scores: AnyScores) -> list[float]:
        """The values of `scores_shown`."""
        return [value_of(scores, name) for name in self.scores_shown]

    @abstractmethod
    def encoded(self, labels: Sequence[str], classes: Sequence[str]) -> Labels:
        """The truth of clips from the text of their labels."""

    @abstractmethod
    def text(self, value: npt.ArrayLike, classes: Sequence[str]) -> str:
        """The text of one clip's label, from its row of the truth or of predictions."""

    @abstractmethod
    def parts(self, label: str) -> frozenset[str]:
        """The classes that the text of a label names."""

    @abstractmethod
    def counts(self, truth: Labels, classes: int) -> list[int]:
        """The clips of each class."""

    @abstractmethod
    def predicted(self, probabilities: npt.NDArray[np.floating], thresholds: Thresholds | None = None) -> Labels:
        """The predictions of probabilities `(... clip class)`, in the shape of the truth.

        `thresholds` `(unit)` are those above which a unit is predicted, in place of 0.5; of units alone.
        """

    @abstractmethod
    def correct(self, truth: Labels, predicted: Labels) -> npt.NDArray[np.bool_]:
        """Whether all that is predicted of each clip is right, `(... clip)`."""

    @abstractmethod
    def own_probability(self, probabilities: Probabilities, truth: npt.ArrayLike) -> float:
        """The probability of what is the case of one clip; of several units, the least."""

    @abstractmethod
    def truth_fault(self, truth: Labels, clips: int, classes: int) -> str:
        """What keeps an array from being the truth of so many clips, as a phrase; empty if nothing."""

    @abstractmethod
    def probability_fault(self, values: object, clips: int, classes: int) -> str:
        """What keeps values from being probabilities of so many clips, as a phrase; empty if nothing."""

    @abstractmethod
    def scores(self, folds: Folds, classes: int, *, averaged: bool = False) -> AnyScores:
        """The scores of predictions given fold by fold."""

    @abstractmethod
    def headline_score(self, folds: Folds, classes: int, *, averaged: bool = False) -> float:
        """The score that ranks, of predictions given fold by fold."""

    @abstractmethod
    def log_loss(self, probabilities: Probabilities, truth: Labels) -> float:
        """The mean negative log probability of the truth, floored at 1e-7."""

    def subset_scores(
        self,
        subsets: metrics.Subsets,
        keys: Sequence[Sequence[str]],
        folds: Folds,
        classes: int,
        *,
        averaged: bool = False,
    ) -> dict[str, AnyScores]:
        """The scores of each subset of the clips."""
        return {
            name: self.scores(metrics.labels_within(members, keys, folds), classes, averaged=averaged)
            for name, members in subsets.items()
        }

    @abstractmethod
    def fold_score(self, truth: Labels, predicted: Labels) -> float:
        """What the rule oracle picks the epoch of a fold by, of its predictions."""


def value_of(scores: AnyScores, name: str) -> float:
    """One of the scores by its name."""
    return float(getattr(scores, name))
