"""A finished run: what it is, and its clips, their truth, and their probabilities under each rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property
from typing import Annotated, Self, cast

import numpy as np
import numpy.typing as npt
from pydantic import Discriminator, Field, PrivateAttr, Tag

from merbench._files.names import safe_name
from merbench.kind_names import MULTI_NAME, SINGLE_NAME, KindName
from merbench.metrics import Labels, Scores
from merbench.results.header import ExternalRecord, RunFacts
from merbench.results.model import Count, Names, RecordModel, stored_as
from merbench.selection import Rule
from merbench.task_kinds import AnyScores
from merbench.task_kinds.thresholds import Thresholds
from merbench.task_kinds.unit_metrics import UnitScores

#: By clip and class.
FoldProbabilities = tuple[tuple[float, ...], ...]
#: By clip its class, or, of a multi-label task, 0 or 1 of each unit.
FoldTruth = tuple[Count | tuple[Count, ...], ...]


class ScoresRecord(RecordModel):
    """The scores that a record states; None for the recall of a class without clips."""

    uf1: float
    uar: float
    accuracy: float
    weighted_f1: float
    fold_mean_accuracy: float
    fold_mean_f1_absent_zero: float
    fold_mean_f1_present: float
    f1: tuple[float, ...]
    recall: tuple[float | None, ...]
    support: tuple[Count, ...]

    @classmethod
    def of(cls, computed: Scores) -> Self:
        """Scores as records state them."""
        return cls(**{**asdict(computed), "recall": _defined(computed.recall)})


class UnitScoresRecord(RecordModel):
    """The scores that the record of a multi-label task states; None where nothing is predicted or present."""

    mean_f1: float
    macro_f1: float
    accuracy: float
    fold_mean_f1: float
    f1: tuple[float, ...]
    precision: tuple[float | None, ...]
    recall: tuple[float | None, ...]
    support: tuple[Count, ...]

    @classmethod
    def of(cls, computed: UnitScores) -> Self:
        """Scores as records state them."""
        undefined = {name: _defined(getattr(computed, name)) for name in ("precision", "recall")}
        return cls(**{**asdict(computed), **undefined})


def _kind_of(value: object) -> KindName:
    """The kind of task that scores are of, read or given."""
    units = isinstance(value, UnitScoresRecord) or (isinstance(value, Mapping) and "mean_f1" in value)
    return MULTI_NAME if units else SINGLE_NAME


#: The scores of either kind of task.
KindScores = Annotated[
    Annotated[ScoresRecord, Tag(SINGLE_NAME)] | Annotated[UnitScoresRecord, Tag(MULTI_NAME)], Discriminator(_kind_of)
]


def _defined(values: tuple[float, ...]) -> tuple[float | None, ...]:
    return tuple(None if value != value else value for value in values)


def scores_record(computed: AnyScores) -> ScoresRecord | UnitScoresRecord:
    """Scores of either kind of task as records state them."""
    return UnitScoresRecord.of(computed) if isinstance(computed, UnitScores) else ScoresRecord.of(computed)


def fold_truth(truth: Labels) -> FoldTruth:
    """The truth of a fold as records hold it."""
    return tuple(tuple(row) if isinstance(row, list) else row for row in truth.tolist())


def fold_probabilities(probabilities: npt.NDArray[np.float32]) -> FoldProbabilities:
    """Probabilities `(clip class)` as records hold them: nine digits bring every float32 back to the bit."""
    return tuple(tuple(float(f"{value:.9g}") for value in clip) for clip in probabilities.tolist())


class RuleResult(RecordModel):
    """What a selection rule gives: the scores of all clips and of each subset, and each fold's epoch (from 1)."""

    scores: KindScores
    subsets: Annotated[Mapping[str, KindScores], stored_as("parts")]
    epochs: tuple[Count, ...]
    #: By fold, clip and class.
    probabilities: tuple[FoldProbabilities, ...]
    #: By fold, the probability above which each unit is predicted; absent where that is 0.5.
    thresholds: tuple[tuple[Annotated[float, Field(ge=0, le=1)], ...], ...] | None = None


class InnerSplits(RecordModel):
    """By split of the rule `inner`, the epoch of each fold (from 1) and UF1 that it would give alone."""

    epochs: tuple[tuple[Count, ...], ...]
    uf1: tuple[float, ...]


class RunRecord(RunFacts):
    """A finished run, compact: enough to recompute every score; no pictures, no paths.

    A record that was read by `read_record` states no score that its probabilities do not give.
    """

    #: How many clips the run does not have; which ones, its folder says.
    left_out: Count
    keys: tuple[Names, ...]
    truth: tuple[FoldTruth, ...]
    by_rule: Mapping[Rule, RuleResult]
    has_epochs: bool
    #: The score that ranks, UF1 or mean F1 of units, under oracle less that under last.
    optimism: float | None
    #: The same score after each epoch.
    curve: tuple[float, ...]
    seconds: Annotated[float, Field(ge=0)]
    #: In bytes.
    peak_memory: Count
    external: ExternalRecord | None = None
    #: Whether subjects and clips are digests: see `merbench.results.opaque`.
    opaque: bool = False
    #: Whether fitting took random numbers, of a method without epochs; absent where it did not.
    draws_without_epochs: bool = False
    #: Absent where `inner` has one split.
    inner_splits: InnerSplits | None = None
    _name: str = PrivateAttr(default="")

    @property
    def name(self) -> str:
        """The name of the file or folder that it was read from; of others, `file_name`."""
        return self._name or self.file_name

    @property
    def draws(self) -> bool:
        """Whether training took random numbers, so that one seed is not enough."""
        return self.has_epochs or self.draws_without_epochs

    @property
    def file_name(self) -> str:
        """The name of its file on a leaderboard: method, protocol, seed, and the beginning of its identity."""
        kind = "-external" if self.external else ""
        readable = f"{self.method}-{self.description.protocol}{kind}-seed{self.seed}"
        return f"{safe_name(readable)}-{safe_name(self.identity[:8])}"

    def named(self, name: str) -> Self:
        """The record, known by another name in messages."""
        copy = self.model_copy()
        copy._name = name
        return copy

    def probabilities(self, rule: str) -> list[npt.NDArray[np.float32]]:
        """Probabilities `(clip class)` of each fold at the epoch that a rule chose."""
        return [np.array(fold, dtype=np.float32) for fold in self.by_rule[cast(Rule, rule)].probabilities]

    def predictions(self, rule: str) -> list[tuple[Labels, Labels]]:
        """True and predicted labels `(clip)`, or `(clip unit)`, of each fold under a rule."""
        return [
            (np.array(truth, dtype=np.int64), self.kind.predicted(fold, above))
            for truth, fold, above in zip(self.truth, self.probabilities(rule), self.thresholds(rule), strict=True)
        ]

    def thresholds(self, rule: str) -> list[Thresholds | None]:
        """The threshold `(unit)` of each unit in each fold under a rule; None where that is 0.5."""
        chosen = self.by_rule[cast(Rule, rule)].thresholds
        return [None] * len(self.truth) if chosen is None else [np.array(fold) for fold in chosen]

    @cached_property
    def scores(self) -> dict[str, AnyScores]:
        """By rule, the scores of all clips, computed from the probabilities."""
        classes = len(self.classes)
        return {
            rule: self.kind.scores(self.predictions(rule), classes, averaged=self.averaged) for rule in self.by_rule
        }

    @cached_property
    def subset_scores(self) -> dict[str, dict[str, AnyScores]]:
        """By rule and subset, the scores, computed from the probabilities."""
        return {
            rule: self.kind.subset_scores(
                self.subsets, self.keys, self.predictions(rule), len(self.classes), averaged=self.averaged
            )
            for rule in self.by_rule
        }
