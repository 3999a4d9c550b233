"""Finding the annotation workbook of a database under a data folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from merbench.annotations.tables import Column, Sheet, read_sheet
from merbench.errors import AnnotationError, MissingData

_ENDINGS = (".xlsx", ".xls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """What a database's annotation file is known by: its `columns`, and the `names` of the files as distributed.

    `sheet`, if not empty, is the one that is read where it is there. `known_other` says which workbooks are distributed
    beside the annotation for another purpose: they are passed over without a note.
    """

    dataset: str
    names: tuple[str, ...]
    columns: Mapping[str, Column]
    sheet: str = ""
    known_other: Callable[[Path], bool] = lambda path: False

    def read(self, root: Path, chosen: str) -> tuple[Sheet, tuple[str, ...]]:
        """The one sheet under `root` that has the columns, and notes; `chosen`, if not empty, is the file to read.

        Raises:
            MissingData: if there is no workbook.
            AnnotationError: if none or several have the columns, or the only one cannot be read.
        """
        if chosen:
            return self._sheet(self._chosen(root, chosen)), ()
        sheets, notes = self._candidates(root)
        if len(sheets) > 1:
            raise self._several(root, [sheet.path for sheet in sheets])
        return sheets[0], notes

    def read_all(self, root: Path, chosen: str) -> tuple[list[Sheet], tuple[str, ...]]:
        """Every sheet under `root` that has the columns, one a workbook and by its path, and notes.

        For a database whose annotation is several workbooks; `chosen`, if not empty, are the files to read, joined by
        commas.

        Raises:
            MissingData: if there is no workbook.
            AnnotationError: if none has the columns, or a chosen one cannot be read.
        """
        names = [name.strip() for name in chosen.split(",") if name.strip()]
        if names:
            return [self._sheet(self._chosen(root, name)) for name in dict.fromkeys(names)], ()
        return self._candidates(root)

    def _candidates(self, root: Path) -> tuple[list[Sheet], tuple[str, ...]]:
        sheets: list[Sheet] = []
        refusals: dict[Path, AnnotationError] = {}
        for path in self._some(root):
            try:
                sheets.append(self._sheet(path))
            except AnnotationError as refusal:
                refusals[path] = refusal
        if not sheets:
            raise self._none(root, refusals)
        odd = [refusal for path, refusal in refusals.items() if not self.known_other(path)]
        return sheets, tuple(f"Passed over: {refusal}" for refusal in odd)

    def _sheet(self, path: Path) -> Sheet:
        return read_sheet(path, self.columns, self.sheet)

    def _chosen(self, root: Path, chosen: str) -> Path:
        path = root / chosen
        if not path.is_file():
            raise MissingData(
                f"{self.dataset}: there is no annotation workbook {path}; dataset.coding={chosen} must be a file "
                f"under {root}. Workbooks there: {_named(root, _workbooks(root))}."
            )
        return path

    def _some(self, root: Path) -> list[Path]:
        found = _workbooks(root)
        if not found:
            raise MissingData(
                f"{self.dataset}: no annotation workbook (.xlsx, .xls) in {root} or one folder below it; it is called "
                f"{' or '.join(self.names)}. Put it there, or name it with --set dataset.coding=FILE."
            )
        return found

    def _several(self, root: Path, paths: list[Path]) -> AnnotationError:
        return AnnotationError(
            f"{self.dataset}: several annotation workbooks in {root}: {_named(root, paths)}; a run reads one, since "
            f"their labels differ. Choose it: --set dataset.coding={paths[0].relative_to(root)}."
        )

    def _none(self, root: Path, refusals: Mapping[Path, AnnotationError]) -> AnnotationError:
        likely = [path for path in refusals if path.name in self.names]
        if len(refusals) == 1 or len(likely) == 1:
            return refusals[(likely or list(refusals))[0]]
        return AnnotationError(
            f"{self.dataset}: none of the workbooks {_named(root, refusals)} in {root} can be read as the annotation, "
            f"which has the columns {', '.join(c.header for c in self.columns.values() if not c.optional)}. "
            "Say which one is meant with --set dataset.coding=FILE to be told what it lacks."
        )


def _workbooks(root: Path) -> list[Path]:
    near = [*root.glob("*"), *root.glob("*/*.[xX][lL][sS]*")]
    return sorted(
        path for path in near if path.suffix.lower() in _ENDINGS and path.is_file() and path.name[0] not in "~."
    )


def _named(root: Path, paths: Iterable[Path]) -> str:
    return ", ".join(str(path.relative_to(root)) for path in paths) or "none"
