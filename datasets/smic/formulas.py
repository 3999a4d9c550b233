"""Formulas in workbooks: finding those that keep no value, and writing them with one."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from xml.sax.saxutils import escape

from merbench.errors import AnnotationError

#: The cells of a sheet, by row and then column, as openpyxl has them.
Rows: TypeAlias = Sequence[Sequence[Any]]


def without_value(path: Path, sheet: str) -> list[str]:
    """The cells of a sheet that hold a formula but not the value that it came to; none in files other than .xlsx.

    A program that never calculates writes such cells; those of .xls files always have a value.
    """
    content = path.read_bytes()
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return []
    try:
        formulas, values = _cells(content, sheet, values=False), _cells(content, sheet, values=True)
    except Exception as fault:  # a damaged file fails in openpyxl in any way
        raise AnnotationError(
            f"{path}: its formulas cannot be read ({type(fault).__name__}: {fault}); open it in a spreadsheet program "
            "and save it as .xlsx."
        ) from fault
    return [
        cell.coordinate
        for row, known in zip(formulas, values, strict=True)
        for cell, value in zip(row, known, strict=False)
        if cell.data_type == "f" and value.value is None
    ]


def _cells(content: bytes, sheet: str, *, values: bool) -> Rows:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions, which hold no annotation
        worksheet: Any = load_workbook(io.BytesIO(content), read_only=True, data_only=values)[sheet]
        worksheet.reset_dimensions()  # some programs write a wrong extent
        return list(worksheet.iter_rows())


def add_formulas(path: Path, formulas: Mapping[str, str]) -> None:
    """Put formulas, by cell such as ``E2``, before the values of the first sheet of a workbook that openpyxl wrote.

    openpyxl itself writes a formula or a value, but a spreadsheet program keeps both.
    """
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"

    def _with_formula(match: re.Match[str]) -> str:
        formula = formulas.get(match[2])
        return f"{match[1]}<f>{escape(formula)}</f><v>" if formula else match[0]

    text = re.sub(r'(<c r="([A-Z]+[0-9]+)"[^>]*>)<v>', _with_formula, parts[sheet].decode("utf-8"))
    parts[sheet] = text.encode("utf-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
