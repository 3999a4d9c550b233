"""Records that differ in their seed alone, as one method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from merbench.metrics import Scores
from merbench.results.record import Record, Task
from merbench.results.run import unranked


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The seeds of one method on one task, in their order, and the name that tells it from the others."""

    name: str
    records: tuple[Record, ...]

    @property
    def content(self) -> Any:
        """The content of the first seed's record."""
        return self.records[0].content

    @property
    def task(self) -> Task:
        """What was measured."""
        return self.records[0].task

    def mean(self, pick: Callable[[Scores], float], rule: str = "last") -> float:
        """The mean of a score over the seeds."""
        return float(np.mean([pick(record.scores[rule]) for record in self.records]))

    @property
    def unranked(self) -> str:
        """Why it is never ranked; empty where it may be."""
        return next(filter(None, (unranked(record.content) for record in self.records)), "")

    def has(self, rule: str) -> bool:
        """Whether every seed has a rule."""
        return all(rule in record.scores for record in self.records)


def grouped(records: Sequence[Record]) -> list[Group]:
    """The groups of records, ordered by their names; the same for any order of records."""
    found: dict[tuple[Task, str], list[Record]] = {}
    for record in sorted(records, key=lambda record: (record.content["description"]["seed"], record.name)):
        found.setdefault((record.task, record.group), []).append(record)
    groups = list(found.values())
    names = _told_apart(groups)
    made = [Group(name=name, records=tuple(group)) for name, group in zip(names, groups, strict=True)]
    return sorted(made, key=lambda group: (group.name, group.records[0].name))


def _told_apart(groups: Sequence[Sequence[Record]]) -> list[str]:
    """Method and changed settings; the recipe, and at last the group's hash, where that leaves two alike."""
    names = [_name(group[0]) for group in groups]
    ways: tuple[Callable[[Record], str], ...] = (_recipe, lambda record: record.group[:6])
    for way in ways:
        times = Counter((group[0].task, name) for group, name in zip(groups, names, strict=True))
        names = [
            f"{name} [{way(group[0])}]" if times[group[0].task, name] > 1 else name
            for group, name in zip(groups, names, strict=True)
        ]
    return names


def _name(record: Record) -> str:
    settings = [f"{name}={value}" for name, value in record.content["settings"].items() if "." not in name]
    method = str(record.content["description"]["method"])
    name = f"{method} ({', '.join(settings)})" if settings else method
    tuned = "tuning" in record.content["description"]  # of external records nobody knows
    return f"{name}, tuned: {record.content['tuned']}" if tuned else name


def _recipe(record: Record) -> str:
    return str(record.content["recipe"]["name"])
