"""Finding the annotation workbook of a database under a data folder."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from merbench.annotations.sheets import Column, Sheet, read_sheet
from merbench.errors import AnnotationError, MissingData

_ENDINGS = (".xlsx", ".xls")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookFormat:
    r"""How the annotation workbook of a dataset is recognised: by its columns, whatever the file is called.

    >>> import tempfile
    >>> columns = {"clip": Column("Filename"), "onset": Column("OnsetFrame", ("Onset",))}
    >>> coding = WorkbookFormat(dataset="mine", names=("coding.xlsx",), columns=columns)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "coding.csv").write_text("filename,onset\nEP01_1,12\n")
    ...     sheet, notes = coding.read(Path(folder), chosen="coding.csv")
    >>> sheet.rows[0].text("clip"), sheet.rows[0].whole("onset"), sheet.headers["onset"], notes
    ('EP01_1', 12, 'onset', ())
    """

    #: The dataset's name, with which messages begin.
    dataset: str
    #: The names of the file as distributed, for messages and to tell which of several refused files was meant.
    names: tuple[str, ...]
    #: The columns by the adapter's own names for them; a file without one that is not optional is another file.
    columns: Mapping[str, Column]
    #: The sheet to read where the workbook has it; empty: the first one that has the columns.
    sheet: str = ""
    #: Sheets with these columns that are distributed in the workbook for another purpose: passed over without a note.
    known_sheets: tuple[str, ...] = ()
    #: Whether a workbook is distributed beside the annotation for another purpose: passed over without a note.
    known_other: Callable[[Path], bool] = lambda path: False

    def read(self, root: Path, chosen: str) -> tuple[Sheet, tuple[str, ...]]:
        """The one sheet under `root` that has the columns, and notes; `chosen`, if not empty, is the file to read.

        Raises:
            MissingData: if there is no workbook.
            AnnotationError: if none or several have the columns, or the only one cannot be read.
        """
        if chosen:
            sheet = self._sheet(self._chosen(root, chosen))
            return sheet, sheet.notes
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
            sheets = [self._sheet(self._chosen(root, name)) for name in dict.fromkeys(names)]
            return sheets, tuple(note for sheet in sheets for note in sheet.notes)
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
        unread = [note for sheet in sheets for note in sheet.notes]
        return sheets, (*unread, *self._unread_csv(root, sheets), *(f"Passed over: {refusal}" for refusal in odd))

    def _unread_csv(self, root: Path, read: Sequence[Sheet]) -> Iterator[str]:
        """A note on each CSV file that could be read instead of the workbooks."""
        for path in _csv_files(root):
            try:
                self._sheet(path)
            except AnnotationError:
                continue
            name = path.relative_to(root)
            yield (
                f"{path}: it has the columns too and is not read, {_named(root, [sheet.path for sheet in read])} is; "
                f"to read it, add --set {shlex.quote(f'dataset.coding={name}')}."
            )

    def _sheet(self, path: Path) -> Sheet:
        return read_sheet(path, self.columns, self.sheet, self.known_sheets)

    def _chosen(self, root: Path, chosen: str) -> Path:
        path = root / chosen
        if not path.is_file():
            raise MissingData(
                f"{self.dataset}: there is no annotation workbook {path}; dataset.coding={chosen} must be a file "
                f"under {root}. Workbooks there: {_named(root, _workbooks(root))}."
            )
        return path

    def _some(self, root: Path) -> list[Path]:
        workbooks = _workbooks(root)
        if not workbooks:
            raise MissingData(
                f"{self.dataset}: no annotation workbook (.xlsx, .xls) in {root} or one folder below it; it is called "
                f"{' or '.join(self.names)}. Put it there, or name it with --set dataset.coding={_csv_file(root)}."
            )
        return workbooks

    def _several(self, root: Path, paths: list[Path]) -> AnnotationError:
        choice = min(paths, key=lambda path: path.name not in self.names).relative_to(root)
        return AnnotationError(
            f"{self.dataset}: several annotation workbooks in {root}: {_named(root, paths)}; a run reads one, since "
            f"their labels differ. Choose it: --set {shlex.quote(f'dataset.coding={choice}')}."
        )

    def _none(self, root: Path, refusals: Mapping[Path, AnnotationError]) -> AnnotationError:
        likely = [path for path in refusals if path.name in self.names]
        if len(refusals) == 1 or len(likely) == 1:
            return refusals[(likely or list(refusals))[0]]
        return AnnotationError(
            f"{self.dataset}: none of the workbooks {_named(root, refusals)} in {root} can be read as the annotation, "
            f"which has the columns {', '.join(c.header for c in self.columns.values() if not c.optional)}. "
            "Say which one is meant with --set dataset.coding=FILE to see what it lacks."
        )


def _workbooks(root: Path) -> list[Path]:
    near = [*root.glob("*"), *root.glob("*/*.[xX][lL][sS]*")]
    return sorted(
        path for path in near if path.suffix.lower() in _ENDINGS and path.is_file() and path.name[0] not in "~."
    )


def _csv_files(root: Path) -> list[Path]:
    near = [*root.glob("*.[cC][sS][vV]"), *root.glob("*/*.[cC][sS][vV]")]
    return sorted(path for path in near if path.is_file() and path.name[0] not in "~.")


def _csv_file(root: Path) -> str:
    """The only CSV file under a folder, quoted for the shell; ``FILE`` where there is none, or several."""
    near = _csv_files(root)
    return shlex.quote(str(near[0].relative_to(root))) if len(near) == 1 else "FILE"


def _named(root: Path, paths: Iterable[Path]) -> str:
    return ", ".join(str(path.relative_to(root)) for path in paths) or "none"
