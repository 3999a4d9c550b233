"""The finished ones among runs that are named, by a pattern maybe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import typer

from merbench.errors import Unfinished

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
