"""A finished run: what it is, and its clips, their truth, and their probabilities under each rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property
from typing import Annotated, Self, cast

import numpy as np
import numpy.typing as npt
from pydantic import Field, PrivateAttr

from merbench import metrics
from merbench._files.names import safe_name
from merbench.metrics import Labels, Scores
from merbench.results.header import ExternalRecord, RunFacts
from merbench.results.model import Count, Names, RecordModel, stored_as
from merbench.selection import Rule

#: By clip and class.
FoldProbabilities = tuple[tuple[float, ...], ...]


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
        recall = tuple(None if value != value else value for value in computed.recall)
        return cls(**{**asdict(computed), "recall": recall})


class RuleResult(RecordModel):
    """What a selection rule gives: the scores of all clips and of each subset, and each fold's epoch (from 1)."""

    scores: ScoresRecord
    subsets: Annotated[Mapping[str, ScoresRecord], stored_as("parts")]
    epochs: tuple[Count, ...]
    #: By fold, clip and class.
    probabilities: tuple[FoldProbabilities, ...]


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
    truth: tuple[tuple[Count, ...], ...]
    by_rule: Mapping[Rule, RuleResult]
    has_epochs: bool
    #: UF1 under oracle less UF1 under last.
    optimism: float | None
    #: UF1 after each epoch.
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
        """True and predicted labels `(clip)` of each fold under a rule."""
        return [
            (np.array(truth, dtype=np.int64), fold.argmax(axis=1))
            for truth, fold in zip(self.truth, self.probabilities(rule), strict=True)
        ]

    @cached_property
    def scores(self) -> dict[str, Scores]:
        """By rule, the scores of all clips, computed from the probabilities."""
        classes = len(self.classes)
        return {rule: metrics.scores(self.predictions(rule), classes, averaged=self.averaged) for rule in self.by_rule}

    @cached_property
    def subset_scores(self) -> dict[str, dict[str, Scores]]:
        """By rule and subset, the scores, computed from the probabilities."""
        return {
            rule: metrics.subset_scores(
                self.subsets, self.keys, self.predictions(rule), len(self.classes), averaged=self.averaged
            )
            for rule in self.by_rule
        }
