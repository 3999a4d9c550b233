"""The contract of a kind of task: everything that depends on whether a clip has one class or several units."""

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
    """A kind of task: the shapes of truth and predictions, how probabilities become predictions, and the scores.

    `word` is what one of the classes is called. `headline` is the score that ranks, and `headline_shown` its name in
    tables. `scores_shown` has, by score, the heading of its column; `compared` are the scores that methods can be
    compared by, and `ranked` those that a leaderboard lists, both with the headline first.
    """

    name: ClassVar[KindName]
    word: ClassVar[str]
    headline: ClassVar[str]
    headline_shown: ClassVar[str]
    scores_shown: ClassVar[Mapping[str, str]]
    compared: ClassVar[tuple[str, ...]]
    ranked: ClassVar[tuple[str, str, str]]
    subset_shown: ClassVar[tuple[str, ...]]
    #: What the cells of the confusion table are.
    confusion_shown: ClassVar[str]
    #: The scores that are lowered where a fold has no training clip of a class.
    lowered: ClassVar[str]
    #: Notes under a table of scores.
    notes: ClassVar[tuple[str, ...]] = ()
    least_classes: ClassVar[int]

    def shown(self, scores: AnyScores) -> list[float]:
        """The values of `scores_shown`."""
        return [value_of(scores, name) for name in self.scores_shown]

    @abstractmethod
    def encoded(self, labels: Sequence[str], classes: Sequence[str]) -> Labels:
        """The truth of clips as an array, from their labels as text."""

    @abstractmethod
    def text(self, value: npt.ArrayLike, classes: Sequence[str]) -> str:
        """The label of one clip as text, from its row of the truth or of predictions."""

    @abstractmethod
    def parts(self, label: str) -> frozenset[str]:
        """The classes that a label names."""

    @abstractmethod
    def counts(self, truth: Labels, classes: int) -> list[int]:
        """The number of clips of each class."""

    @abstractmethod
    def predicted(self, probabilities: npt.NDArray[np.floating], thresholds: Thresholds | None = None) -> Labels:
        """The predictions of probabilities `(... clip class)`, in the shape of the truth.

        `thresholds` `(unit)` are those above which a unit is predicted, in place of 0.5; of units alone.
        """

    @abstractmethod
    def correct(self, truth: Labels, predicted: Labels) -> npt.NDArray[np.bool_]:
        """Whether the prediction of each clip is right in every respect, `(... clip)`."""

    @abstractmethod
    def own_probability(self, probabilities: Probabilities, truth: npt.ArrayLike) -> float:
        """The probability that was given to the truth of one clip; the smallest over units if there are several."""

    @abstractmethod
    def truth_fault(self, truth: Labels, clips: int, classes: int) -> str:
        """Why an array is not the truth of so many clips, as a phrase; empty if it is."""

    @abstractmethod
    def probability_fault(self, values: object, clips: int, classes: int) -> str:
        """Why values are not probabilities of so many clips, as a phrase; empty if they are."""

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
        """The score of a fold's predictions by which the rule oracle chooses its epoch."""


def value_of(scores: AnyScores, name: str) -> float:
    """The score of that name."""
    return float(getattr(scores, name))
