"""A dataset with the folder that it is read from, and mock trees, which carry a mark."""

from __future__ import annotations

import dataclasses
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.clips import Annotations, require_cells
from merbench.annotations.corrections import Revision, apply_corrections
from merbench.dataset import UNFINISHED_MARK, Dataset
from merbench.entries.attribution import attributed
from merbench.errors import AnnotationError, MissingData, UsageError

if TYPE_CHECKING:
    from merbench.annotations.schemes import LabelScheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An adapter and the folder its data lies in; `root` is None only where frames are drawn.

    Where the adapter says `root_may_be_file`, it can be a file too.
    """

    dataset: Dataset
    root: Path | None = None
    corrections: Revision = "none"

    def __post_init__(self) -> None:
        if self.dataset.synthetic:
            if self.root is not None:
                raise UsageError(f"{self.dataset.name} is synthetic and has no data folder; leave {self.root} out.")
            return
        if self.root is not None:  # workers, and plugins that change the folder, would look elsewhere
            object.__setattr__(self, "root", self.root.absolute())
        name, file = self.dataset.name, self.dataset.root_may_be_file
        place = "FILE" if file else "DIR"
        if self.root is None:
            mock = (
                ""
                if type(self.dataset).mock is Dataset.mock
                else (f", or write a mock tree: merbench data mock {name} --out DIR")
            )
            raise MissingData(
                f"{name}: no data {'file' if file else 'folder'} given. Add --data {name}={place} to the command, or "
                f"--data {place} to merbench data export; the check is merbench data check {name} {place}{mock}."
            )
        if file and not self.root.exists():
            raise MissingData(f"{name}: the data file or folder {self.root} does not exist.")
        if not file and self.root.is_file():
            table = shlex.quote(str(self.root))
            raise MissingData(
                f"{name}: {self.root} is a file; name the folder of the dataset as distributed. A table of your own "
                f"clips is the dataset manifest: --data manifest={table}, or merbench data check manifest {table}."
            )
        if not file and not self.root.is_dir():
            raise MissingData(f"{name}: the data folder {self.root} does not exist.")
        if (mark := self.root / UNFINISHED_MARK).is_file():
            mocked = mark.read_text(encoding="utf-8").partition("\n")[0]
            raise MissingData(
                f"{name}: {self.root} is a mock tree that is not finished; write it again, with the same options: "
                f"merbench data mock {mocked} --out {shlex.quote(str(self.root))}."
            )

    @property
    def synthetic(self) -> bool:
        """Whether the faces are drawn: by the adapter itself, or in a mock tree."""
        return self.dataset.synthetic or (self.root is not None and self.dataset.is_mock(self.root))

    def annotations(self) -> Annotations:
        """The dataset's table with the corrections of the source's revision, which `Annotations.corrected` names."""
        with attributed(self.dataset, "reading its table"):
            read: object = self.dataset.table(self.root)
        if not isinstance(read, Annotations):
            raise AnnotationError(
                f"{self.dataset.name}: table() gives {type(read).__name__}, but must give "
                'Annotations(table=TABLE, state="NAME").'
            )
        require_cells(self.dataset.name, read.table)
        table, done = apply_corrections(read.table, self.dataset.corrections, self.corrections)
        return dataclasses.replace(read, table=table, corrected=tuple(map(str, done)))

    def scheme(self, name: str | None) -> LabelScheme:
        """The dataset's scheme of that name, the first where `name` is None; an open one has the table's classes.

        Raises:
            UnknownName: if the dataset has no such scheme.
            DataError: if an open scheme finds no classes in the table.
        """
        scheme = self.dataset.scheme(name)
        return scheme if scheme.classes else scheme.closed(self.annotations().table)
