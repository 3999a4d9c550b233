"""Rows of a table whose networks have another size than published, by their recipe."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from merbench.entries.recipe import Training
from merbench.errors import MerbenchError
from merbench.registry import methods
from merbench.results.labels import recipe_changes
from merbench.results.record import RunRecord
from merbench.results.seed_groups import Group


def network_sizes(groups: Sequence[Group]) -> str:
    """A sentence with the trainable parameters of each such row and of the published network; empty if none."""
    sizes = [f"{group.name}: {size}" for group in groups if (size := _size(group.first))]
    return f"Networks of another size than published, by their recipe: {'; '.join(sizes)}." if sizes else ""


def _size(record: RunRecord) -> str:
    changes = recipe_changes(record)
    if not changes or record.parameter_count is None:
        return ""
    published = _published_count(record.method, len(record.classes))
    if published is None or published == record.parameter_count:
        return ""
    own = {name: value for name, (value, _) in changes.items() if value is not None and name not in Training.names()}
    listed = ", ".join(f"{name}={value}" for name, value in own.items())
    return f"{record.parameter_count:,} of {published:,} parameters{f' ({listed})' if listed else ''}"


@cache
def _published_count(method: str, classes: int) -> int | None:
    try:
        kind = methods.get(method)
        return kind(kind.Parameters().changed(kind.recipe("published", classes).parameters)).parameter_count(classes)
    except MerbenchError:  # not installed, or broken: neither hinders reading its records
        return None
