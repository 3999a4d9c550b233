"""The objective classes of MEGC 2018, in a workbook of their own beside the annotation.

It differs from the column that the annotation of 2019 has, and from the rules by which action units make a class:
neither can stand in for it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from merbench.annotations.coded_clips import CodedClip, subject_number
from merbench.annotations.sheets import Column, Row, Sheet, read_rows, read_sheet
from merbench.errors import AnnotationError

from .workbook import COLUMNS

NAME = "CASME2-ObjectiveClasses.xlsx"
#: The column of the annotation table that holds its classes.
COLUMN = "objective_class_2018"
HEADERS: Mapping[str, Column] = {
    "subject": COLUMNS["subject"],
    "clip": COLUMNS["clip"],
    "class": Column("Objective Class", ("Objective Classes",)),
}
#: What an annotation has, but the class file has not.
_ANNOTATION = {"onset": dataclasses.replace(COLUMNS["onset"], optional=True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFile:
    """The class cells of one class file, by subject and clip."""

    path: Path
    cells: Mapping[tuple[str, str], str]

    def of(self, clips: Sequence[CodedClip]) -> list[str]:
        """The class of each clip, empty where the file has none."""
        return [self.cells.get((clip.subject, clip.clip), "") for clip in clips]

    def mismatches(self, clips: Sequence[CodedClip]) -> Iterator[str]:
        """Sentences about clips without a class, and about classes without a clip."""
        coded = {(clip.subject, clip.clip) for clip in clips}
        if lacking := sorted(coded - self.cells.keys()):
            yield f"{self.path}: it has no objective class of {_shortened(lacking)}."
        if surplus := sorted(self.cells.keys() - coded):
            yield f"{self.path}: the annotation has no clip for its row of {_shortened(surplus)}."


def is_class_file(path: Path) -> bool:
    """Whether a workbook is the class file, by its name or by its columns."""
    if path.name == NAME:
        return True
    try:
        return _sheet(path) is not None
    except AnnotationError:
        return False


def beside(annotation: Path) -> ClassFile | None:
    """The class file in the folder of an annotation workbook; None where there is none.

    Raises:
        AnnotationError: if there are several, or it cannot be read, or gives a clip two classes.
    """
    near = sorted(path for path in annotation.parent.iterdir() if path.suffix.lower() in (".xlsx", ".xls"))
    class_files = [path for path in near if path != annotation and path.name[0] not in "~." and is_class_file(path)]
    if not class_files:
        return None
    if len(class_files) > 1:
        names = ", ".join(path.name for path in class_files)
        raise AnnotationError(
            f"casme2: several files of objective classes in {annotation.parent}: {names}; there must be one. "
            "Move the others elsewhere."
        )
    sheet = _sheet(class_files[0])
    if sheet is None:
        raise AnnotationError(
            f"{class_files[0]}: it is an annotation workbook, but bears the name of the class file; rename it."
        )
    return ClassFile(path=class_files[0], cells=_cells(sheet))


def _sheet(path: Path) -> Sheet | None:
    sheet = read_sheet(path, {**HEADERS, **_ANNOTATION})
    return None if "onset" in sheet.headers else sheet


def _cells(sheet: Sheet) -> dict[tuple[str, str], str]:
    cells: dict[tuple[str, str], str] = {}
    read_rows(sheet.rows, partial(_add, cells))
    return cells


def _add(cells: dict[tuple[str, str], str], row: Row) -> None:
    clip = (f"{subject_number(row, 99):02d}", row.text("clip"))
    earlier = cells.setdefault(clip, row.cells["class"])
    if earlier != row.cells["class"]:
        raise row.refusal("class", f"must be {earlier!r}, as in an earlier row of the same clip", "delete one of them")


def _shortened(clips: Sequence[tuple[str, str]]) -> str:
    names = ", ".join("/".join(clip) for clip in clips[:8])
    return names + (f" and {len(clips) - 8} more" if len(clips) > 8 else "")
