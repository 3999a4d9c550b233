"""Records that differ in their seed alone, as one method."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from merbench.results.header import TaskIdentity
from merbench.results.labels import distinct_labels
from merbench.results.record import RunRecord
from merbench.task_kinds import AnyScores, TaskKind, value_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The seeds of one method on one task, in their order, and the name that tells it from the others."""

    name: str
    records: tuple[RunRecord, ...]

    @property
    def first(self) -> RunRecord:
        """The first seed's record."""
        return self.records[0]

    @property
    def task(self) -> TaskIdentity:
        """What was measured."""
        return self.first.task

    def mean(self, pick: Callable[[AnyScores], float], rule: str = "last") -> float:
        """The mean of a score over the seeds."""
        return float(np.mean([pick(record.scores[rule]) for record in self.records]))

    @property
    def kind(self) -> TaskKind:
        """What is predicted of a clip."""
        return self.first.kind

    def score(self, name: str, rule: str = "last") -> float:
        """The mean over the seeds of the score of that name."""
        return self.mean(lambda scores: value_of(scores, name), rule)

    def headline(self, rule: str = "last") -> float:
        """The mean over the seeds of the score that ranks."""
        return self.mean(lambda scores: scores.headline, rule)

    @property
    def unranked(self) -> str:
        """Why it is never ranked; empty where it may be."""
        return next(filter(None, (record.description.unranked for record in self.records)), "")

    def has(self, rule: str) -> bool:
        """Whether every seed has a rule."""
        return all(rule in record.by_rule for record in self.records)


def grouped(records: Sequence[RunRecord]) -> list[Group]:
    """The groups of records, ordered by their names; the same for any order of records."""
    by_group: dict[tuple[TaskIdentity, str], list[RunRecord]] = {}
    for record in sorted(records, key=lambda record: (record.seed, record.name)):
        by_group.setdefault((record.task, record.group), []).append(record)
    firsts = {key: group[0] for key, group in by_group.items()}
    names = distinct_labels(list(firsts.values()), [task for task, _ in firsts])
    groups = [Group(name=name, records=tuple(group)) for name, group in zip(names, by_group.values(), strict=True)]
    return sorted(groups, key=lambda group: (group.name, group.first.name))
