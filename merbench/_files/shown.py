"""Paths as they are printed."""

from __future__ import annotations

from pathlib import Path


def shown(path: Path | None) -> str:
    """The path from the working folder where it lies below that, else from the root; of None, `in memory`.

    >>> shown(Path.cwd() / "runs" / "mine"), shown(Path("/nowhere/mine"))
    ('runs/mine', '/nowhere/mine')
    """
    if path is None:
        return "in memory"
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) and here != Path(here.anchor) else path)
