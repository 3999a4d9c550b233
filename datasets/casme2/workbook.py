"""Finding the annotation workbook of CASME II under a data folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from merbench.errors import AnnotationError, MissingData
from merbench.tables import Column, Sheet, read_sheet

#: The file of each annotation state, as it is distributed.
NAMES: Mapping[str, str] = {
    "2014": "CASME2-coding-20140508.xlsx",
    "2019": "CASME2-coding-20190701.xlsx",
    "256-row": "CASME2-coding-updated.xlsx",
}

COLUMNS: Mapping[str, Column] = {
    "subject": Column("Subject", ("Sub",)),
    "clip": Column("Filename", ("Clip",)),
    "onset": Column("OnsetFrame", ("Onset",)),
    "apex": Column("ApexFrame", ("Apex",)),
    "offset": Column("OffsetFrame", ("Offset",)),
    "action_units": Column("Action Units", ("Action Unit", "AUs", "AU")),
    "emotion": Column("Estimated Emotion", ("Emotion",)),
    "objective_class": Column("Objective Classes", ("Objective Class",), optional=True),
}


def read_coding(root: Path, chosen: str) -> tuple[Sheet, tuple[str, ...]]:
    """The one sheet under `root` that has the columns, and notes; `chosen`, if not empty, is the file to read.

    Raises:
        MissingData: if there is no workbook.
        AnnotationError: if none or several have the columns, or the only one cannot be read.
    """
    if chosen:
        return read_sheet(_chosen(root, chosen), COLUMNS), ()
    workbooks = _workbooks(root)
    sheets: list[Sheet] = []
    refusals: dict[Path, AnnotationError] = {}
    for path in workbooks:
        try:
            sheets.append(read_sheet(path, COLUMNS))
        except AnnotationError as refusal:
            refusals[path] = refusal
    if len(sheets) > 1:
        raise _several(root, [sheet.path for sheet in sheets])
    if not sheets:
        raise _none(root, refusals)
    return sheets[0], tuple(f"Passed over: {refusal}" for refusal in refusals.values())


def _chosen(root: Path, chosen: str) -> Path:
    path = root / chosen
    if not path.is_file():
        raise MissingData(
            f"casme2: there is no annotation workbook {path}; dataset.coding={chosen} must be a file under {root}. "
            f"Workbooks there: {_named(root, _workbooks(root, required=False))}."
        )
    return path


def _workbooks(root: Path, *, required: bool = True) -> list[Path]:
    near = [*root.glob("*"), *root.glob("*/*.[xX][lL][sS][xX]")]
    found = sorted(
        path for path in near if path.suffix.lower() == ".xlsx" and path.is_file() and path.name[0] not in "~."
    )
    if required and not found:
        old = sorted(path.name for path in root.glob("*") if path.suffix.lower() == ".xls")
        hint = f" Save {old[0]} as .xlsx." if old else ""
        raise MissingData(
            f"casme2: no annotation workbook (.xlsx) in {root} or one folder below it; it is called "
            f"{' or '.join(NAMES.values())}. Put it there, or name it with --set dataset.coding=FILE.{hint}"
        )
    return found


def _several(root: Path, paths: list[Path]) -> AnnotationError:
    return AnnotationError(
        f"casme2: several annotation workbooks in {root}: {_named(root, paths)}; a run reads one, since their labels "
        f"differ. Choose it: --set dataset.coding={paths[0].relative_to(root)}."
    )


def _none(root: Path, refusals: Mapping[Path, AnnotationError]) -> AnnotationError:
    if len(refusals) == 1:
        return next(iter(refusals.values()))
    likely = [path for path in refusals if path.name in NAMES.values()]
    if len(likely) == 1:
        return refusals[likely[0]]
    return AnnotationError(
        f"casme2: none of the workbooks {_named(root, refusals)} in {root} can be read as the annotation, which has "
        f"the columns {', '.join(column.header for column in COLUMNS.values() if not column.optional)}. "
        "Say which one is meant with --set dataset.coding=FILE to be told what it lacks."
    )


def _named(root: Path, paths: Iterable[Path]) -> str:
    return ", ".join(str(path.relative_to(root)) for path in paths) or "none"
