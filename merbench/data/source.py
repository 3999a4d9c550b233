"""A dataset with the folder that it is read from, and stand-in trees, which carry a mark."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from merbench._atomic import cause
from merbench.annotations.clips import Annotations
from merbench.annotations.corrections import Revision, mended
from merbench.dataset import STAND_IN, Dataset
from merbench.entries.attribution import blamed
from merbench.errors import MerbenchError, MissingData, StoreError, UsageError

if TYPE_CHECKING:
    from merbench.annotations.schemes import LabelScheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An adapter and the folder its data lies in; `root` is None only where frames are drawn.

    Where the adapter says `root_may_be_file`, it can be a file too.
    """

    dataset: Dataset
    root: Path | None = None
    mends: Revision = "none"

    def __post_init__(self) -> None:
        if self.dataset.drawn:
            if self.root is not None:
                raise UsageError(f"{self.dataset.name} is drawn by code and has no data folder; leave {self.root} out.")
            return
        name, file = self.dataset.name, self.dataset.root_may_be_file
        if self.root is None:
            mock = (
                ""
                if type(self.dataset).mock is Dataset.mock
                else (f", or draw a stand-in: merbench data mock {name} --out DIR")
            )
            raise MissingData(
                f"{name}: no data {'file' if file else 'folder'} given. Say where it lies with "
                f"--data {name}={'FILE' if file else 'DIR'} (after the name alone for merbench data check){mock}."
            )
        if file and not self.root.exists():
            raise MissingData(f"{name}: the data file or folder {self.root} does not exist.")
        if not file and not self.root.is_dir():
            raise MissingData(f"{name}: the data folder {self.root} does not exist or is no folder.")

    @property
    def drawn(self) -> bool:
        """Whether the faces are drawn: by the adapter itself, or in a stand-in tree."""
        return self.dataset.drawn or (self.root is not None and self.dataset.stands_in(self.root))

    def annotations(self) -> Annotations:
        """The dataset's table with the mends of the source's revision, which `Annotations.mended` names."""
        with blamed(self.dataset, "reading its table"):
            read = self.dataset.table(self.root)
        table, done = mended(read.table, self.dataset.mends, self.mends)
        return dataclasses.replace(read, table=table, mended=tuple(map(str, done)))

    def scheme(self, name: str | None) -> LabelScheme:
        """The dataset's scheme of that name, the first where `name` is None; an open one has the table's classes.

        Raises:
            UnknownName: if the dataset has no such scheme.
            DataError: if an open scheme finds no classes in the table.
        """
        scheme = self.dataset.scheme(name)
        return scheme if scheme.classes else scheme.closed(self.annotations().table)


def mark_drawn(root: Path, dataset: str) -> None:
    """Leave the mark in a folder that its faces are drawn."""
    mark = f"A stand-in for {dataset}: laid out as distributed, every face drawn by merbench.\n"
    (root / STAND_IN).write_text(mark, encoding="utf-8")


def write_stand_in(
    dataset: Dataset,
    out: Path,
    *,
    subjects: int,
    clips: int,
    seed: int = 0,
    frames: str = "key",
    full: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Write a dataset's stand-in tree to `out`, marked as drawn; see `Dataset.mock`.

    Raises:
        UsageError: if the dataset has no stand-in, or `out` is not empty.
        StoreError: if it cannot be written, a full disk included.
    """
    try:
        dataset.mock(out, subjects=subjects, clips=clips, seed=seed, frames=frames, full=full, progress=progress)
        mark_drawn(out, dataset.name)
    except OSError as fault:
        if isinstance(fault, MerbenchError):
            raise
        raise StoreError(
            f"{out} cannot be written: {cause(fault)}. Remove what is there, free space, and run the command again."
        ) from fault
