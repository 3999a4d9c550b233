"""The cells of CSV files and workbooks, as text, before anything is known of columns."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeAlias

from merbench.errors import AnnotationError, MissingData

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet
    from openpyxl.worksheet.worksheet import Worksheet
    from xlrd.sheet import Cell as XlsCell


#: The cells of a sheet as text, by row and then column; rows may differ in length.
Grid: TypeAlias = Sequence[Sequence[str]]

#: What annotators and programs write for nothing, in lower case.
NOTHING = frozenset(
    {
        "",
        "/",
        "\\",
        "?",
        "-",
        "--",
        "–",
        "na",
        "n/a",
        "#n/a",
        "nan",
        "none",
        "null",
        "nil",
        "<na>",
        "missing",
        "unknown",
    }
)

_SEPARATORS = ",;\t"


_OLE = bytes.fromhex("d0cf11e0a1b11ae1")


_PASSWORD = "EncryptedPackage".encode("utf-16-le")


def read_grids(path: Path) -> dict[str, Grid]:
    """All cells of a file as text, by sheet; a `.csv` file has one sheet, named as the file.

    Whole numbers lose their ``.0``, and blanks around text go. In a `.csv` file a comma, a semicolon or a tab separates
    the cells, whichever is most frequent in its first line.

    Raises:
        MissingData: if there is no such file.
        AnnotationError: if it is no .xlsx, .xls or .csv file, is damaged, or is locked by a password.
    """
    if not path.is_file():
        raise MissingData(f"{path}: there is no such annotation file.")
    return _read_csv(path) if path.suffix.lower() == ".csv" else _read_workbook(path)


def as_text(cell: object) -> str:
    """A cell's value as text: ``12`` for 12.0, nothing for an empty cell."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()


def cell_text(value: object) -> str:
    """The text of a table's cell without blanks around it; empty for a missing value.

    Numbers have up to 15 digits.

    >>> cell_text(" fear "), cell_text(None), cell_text(float("nan")), cell_text(12), cell_text(29.97)
    ('fear', '', '', '12', '29.97')
    """
    if str(value) in ("<NA>", "nan", "None"):
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip()


def _read_csv(path: Path) -> dict[str, Grid]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return {path.name: list(_csv_lines(lines))}
    except (OSError, UnicodeError, csv.Error) as fault:
        raise AnnotationError(f"{path}: it cannot be read as CSV ({fault}); save it as CSV in UTF-8.") from fault


def _csv_lines(lines: TextIO) -> Iterator[list[str]]:
    """The cells of each line; what comes after the first line of a cell with line breaks is an empty line."""
    first = next((line for line in lines if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    lines.seek(0)
    reader, seen = csv.reader(lines, delimiter=separator), 0
    for line in reader:
        yield [cell.strip() for cell in line]
        yield from ([] for _ in range(seen + 1, reader.line_num))
        seen = reader.line_num


def _read_workbook(path: Path) -> dict[str, Grid]:
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise AnnotationError(f"{path}: it cannot be opened ({fault.strerror}); allow reading it.") from fault
    old = content.startswith(_OLE)
    if old and _PASSWORD in content:
        raise AnnotationError(f"{path}: it is locked by a password; save it as .xlsx without one.")
    try:
        return _read_xls(content) if old else _read_xlsx(content)
    except Exception as fault:  # a damaged file fails in openpyxl, xlrd, zipfile, zlib, struct or the XML parser
        raise AnnotationError(
            f"{path}: it cannot be read as an {'.xls' if old else '.xlsx'} workbook "
            f"({type(fault).__name__}: {fault}); "
            "fetch it anew, or open it in a spreadsheet program and save it as .xlsx."
        ) from fault


def _read_xlsx(content: bytes) -> dict[str, Grid]:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions, which hold no annotation
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return {sheet.title: _cells(sheet) for sheet in workbook.worksheets}


def _read_xls(content: bytes) -> dict[str, Grid]:
    from xlrd import open_workbook

    workbook = open_workbook(file_contents=content, logfile=io.StringIO())  # it logs oddities, on standard output
    return {
        sheet.name: [[_old_text(cell) for cell in sheet.row(place)] for place in range(sheet.nrows)]
        for sheet in workbook.sheets()
    }


def _old_text(cell: XlsCell) -> str:
    """A cell of an .xls file as the same cell of an .xlsx file would be; dates stay numbers."""
    from xlrd import XL_CELL_BOOLEAN, XL_CELL_ERROR, error_text_from_code

    if cell.ctype == XL_CELL_ERROR:
        return str(error_text_from_code.get(int(cell.value), "#N/A"))
    return as_text(bool(cell.value) if cell.ctype == XL_CELL_BOOLEAN else cell.value)


def _cells(sheet: Worksheet | ReadOnlyWorksheet) -> Grid:
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # some programs write a wrong extent, and rows would be lost
    return [[as_text(cell) for cell in row] for row in sheet.values]
