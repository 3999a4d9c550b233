"""The workbook of a mock of the extended release of SMIC, laid out as distributed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .cameras import Camera
from .extended import file_names
from .formulas import add_formulas
from .mock import SmicClip

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_Cell = str | int | None
_EVENTS = {"2": 0, "3": 1}


def write_workbook(out: Path, camera: Camera, state: str, clips: Sequence[SmicClip]) -> None:
    """Write the workbook of a camera; in HS, offsets and what follows are formulas that refer to the sheet VIS.

    What a formula comes to stands beside it, and is what the table has; which formulas the file has is chosen here.
    """
    from openpyxl import Workbook

    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = camera.folder
    headers = _HEADERS[state]
    _fill(sheet, headers, clips)
    if camera.folder == "HS":
        eight = [clip for clip in clips if int(clip.row.subject[1:]) > 9]
        _fill(workbook.create_sheet("VIS"), _HEADERS["vis-e-71"], eight[:71])
    for name in ("Sheet2", "Sheet3"):
        workbook.create_sheet(name)
    path = out / file_names(camera)[0]
    workbook.save(path)
    if camera.folder == "HS":
        add_formulas(path, _formulas(sheet, headers))


def _fill(sheet: Worksheet, headers: Sequence[str], clips: Sequence[SmicClip]) -> None:
    sheet.append([header or None for header in headers])
    for order, clip in enumerate(clips):
        cells = {name: cell(clip) for name, cell in _CELLS.items()}
        if "LastF" in headers and "Onset3F" not in headers and order == 0:
            cells["FirstF"] = "image" + str(cells["FirstF"])  # the earlier state of HS has one cell of text there
        sheet.append([cells.get(header) for header in headers])
    for row in range(len(clips) + 2, len(clips) + 6):
        sheet.cell(row, 1).number_format = "0"  # empty rows below the table, which the file has


def _event(name: str, last: bool) -> Callable[[SmicClip], _Cell]:
    def cell(clip: SmicClip) -> _Cell:
        place = _EVENTS[name]
        if clip.row.clip == "s9_sur_01" and name == "3" and clip.further:
            place = 0  # the file repeats the second event of this clip as its third
        if place >= len(clip.further):
            return None
        return clip.further[place].offset if last else clip.further[place].onset

    return cell


_CELLS: Mapping[str, Callable[[SmicClip], _Cell]] = {
    "Subject": lambda clip: int(clip.row.subject[1:]),
    "Filename": lambda clip: clip.row.clip,
    "OnsetF": lambda clip: clip.row.onset,
    "OffsetF": lambda clip: clip.row.offset,
    "OnsetF NIR": lambda clip: clip.row.onset,
    "ApexF NIR": lambda clip: clip.plan.apex,
    "OffsetF NIR": lambda clip: clip.row.offset,
    "Onset2F": _event("2", last=False),
    "Offset2F": _event("2", last=True),
    "Onset3F": _event("3", last=False),
    "Offset3F": _event("3", last=True),
    "FirstF": lambda clip: clip.first,
    "LastF": lambda clip: clip.last,
    "TotalMF1": lambda clip: clip.row.offset - clip.row.onset + 1,
    "TotalVL": lambda clip: clip.last - clip.first + 1,
    "Emotion": lambda clip: clip.row.emotion,
}
#: By state; the empty ones are columns without a header.
_HEADERS: Mapping[str, Sequence[str]] = {
    "hs-e-157": (
        *("Subject", "Filename", "", "OnsetF", "OffsetF", "Onset2F", "Offset2F", "Onset3F", "Offset3F", ""),
        *("FirstF", "LastF", "TotalMF1", "TotalMF2", "TotalMF3", "TotalVL", "Emotion"),
    ),
    "hs-e-162": (
        *("Subject", "Filename", "", "OnsetF", "OffsetF", "Onset2F", "Offset2F", ""),
        *("FirstF", "LastF", "TotalMF1", "TotalMF2", "TotalVL", "Emotion"),
    ),
    "vis-e-71": (
        *("Subject", "Filename", "", "OnsetF", "OffsetF", "Onset2F", "Offset2F", ""),
        *("FirstF", "TotalMF1", "TotalMF2", "TotalVL", "Emotion"),
    ),
    "nir-e-71": ("Subject", "Filename", "OnsetF NIR", "ApexF NIR", "OffsetF NIR", "Emotion"),
}


def _formulas(sheet: Worksheet, headers: Sequence[str]) -> dict[str, str]:
    """Formulas for the numbers from the offset on; each comes to the number whatever the sheet VIS holds."""
    formulas = {}
    for row in sheet.iter_rows(min_row=2, min_col=headers.index("OffsetF") + 1):
        for cell in row:
            if isinstance(cell.value, int) and not str(headers[cell.column - 1]).startswith("TotalMF"):
                formulas[cell.coordinate] = f"VIS!E{cell.row}*0+{cell.value}"
    return formulas
