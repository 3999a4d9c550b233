"""The pages of a leaderboard: `merbench.rebuild_leaderboard`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """The files of a leaderboard's folder after it was rebuilt: each page with its bytes, and those removed."""

    pages: Mapping[Path, int]
    removed: tuple[Path, ...] = ()


def rebuild_leaderboard(folder: Path | str = "leaderboard") -> Rebuilt:
    """The pages of a leaderboard, rebuilt from the records in its `results/`; nothing is trained.

    >>> import merbench
    >>> merbench.rebuild_leaderboard("none")
    Traceback (most recent call last):
    merbench.errors.MissingData: none/results does not exist; add a run first: merbench leaderboard add RUN --dir none

    Raises:
        MerbenchError: if there are no results, or one cannot be admitted.
    """
    from merbench._files.atomic import atomic_write
    from merbench.leaderboard.build import left_over, pages

    folder = Path(folder)
    contents = pages(folder)
    stray = tuple(left_over(folder, contents))
    for path in stray:
        path.unlink()
    for name, text in contents.items():
        atomic_write(folder / name, text.encode())
    return Rebuilt(pages={folder / name: len(text.encode()) for name, text in contents.items()}, removed=stray)
