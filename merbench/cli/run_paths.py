"""The finished ones among runs that are named, by a pattern maybe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from merbench.errors import Unfinished

if TYPE_CHECKING:
    from merbench.results.header import TaskIdentity
    from merbench.results.record import RunRecord

Kind = TypeVar("Kind")


def finished(paths: Sequence[Path], read: Callable[[Path], Kind]) -> list[Kind]:
    """What `read` makes of every path; runs that lack folds still are left out, in a line each.

    Raises:
        Unfinished: if all of them do.
    """
    results, lacking = [], []
    for path in paths:
        try:
            results.append(read(path))
        except Unfinished as fault:
            lacking.append(fault)
    if not results and lacking:
        raise lacking[0]
    for left_out in lacking:
        typer.echo(f"left out: {left_out}", err=True)
    return results


def by_task(records: Sequence[RunRecord]) -> list[list[RunRecord]]:
    """The records of each task, in the order in which tasks are first named."""
    tasks: dict[TaskIdentity, list[RunRecord]] = {}
    for record in records:
        tasks.setdefault(record.task, []).append(record)
    return list(tasks.values())
