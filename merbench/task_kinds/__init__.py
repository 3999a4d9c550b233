"""The two kinds of task: each clip has one class of several, or any number of several units."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from merbench.errors import UnknownName, UsageError
from merbench.task_kinds.base import AnyScores, TaskKind, value_of
from merbench.task_kinds.multi_label import MultiLabel
from merbench.task_kinds.single_label import SingleLabel

__all__ = [
    "KINDS",
    "MULTI_LABEL",
    "SINGLE_LABEL",
    "AnyScores",
    "TaskKind",
    "kind_named",
    "require_metric",
    "value_of",
]

SINGLE_LABEL, MULTI_LABEL = SingleLabel(), MultiLabel()
KINDS: Mapping[str, TaskKind] = MappingProxyType({kind.name: kind for kind in (SINGLE_LABEL, MULTI_LABEL)})


def kind_named(name: str) -> TaskKind:
    """The kind of task with that name.

    Raises:
        UnknownName: if there is none.
    """
    if name not in KINDS:
        raise UnknownName("kind of task", name, KINDS)
    return KINDS[name]


def require_metric(kind: TaskKind, metric: str) -> str:
    """The metric itself, if tasks of that kind have it; the one that ranks if the name is empty.

    Raises:
        UsageError: for another metric, naming those that they have.
    """
    if metric and metric not in kind.compared:
        raise UsageError(
            f"metric={metric} is not possible: for {kind.name} tasks it must be one of {', '.join(kind.compared)}."
        )
    return metric or kind.headline
