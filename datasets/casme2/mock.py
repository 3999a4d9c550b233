"""Writing a stand-in for CASME II: laid out as distributed, faces drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.synthetic.invented import Invented
from merbench.synthetic.mock_tree import write_frames

from . import class_file
from .planning import Planned
from .workbook import COLUMNS, NAMES

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

#: (height, width) of raw frames, as distributed.
_RAW = (480, 640)
_SCRATCH_ROWS = 10


def write_workbook(out: Path, clips: Sequence[Invented], state: str) -> None:
    """Write the annotation as the file is distributed: two blank columns, two empty sheets."""
    from openpyxl import Workbook

    columns = ["subject", "clip", "", "onset", "apex", "offset", "", "action_units", "emotion"]
    columns += ["objective_class"] if state == "2019" else []
    workbook = Workbook()
    sheet: Worksheet = workbook.worksheets[0]
    sheet.title = "Sheet1"
    sheet.append([COLUMNS[name].header if name else None for name in columns])
    for clip in clips:
        sheet.append([_cell(clip, name) for name in columns])
    workbook.create_sheet("Sheet2")
    workbook.create_sheet("Sheet3")
    workbook.save(out / NAMES[state])


def write_class_file(out: Path, clips: Sequence[Invented]) -> None:
    """Write the objective classes of MEGC 2018 as they are distributed, with a second sheet of scratch numbers."""
    from openpyxl import Workbook

    workbook = Workbook()
    sheet: Worksheet = workbook.worksheets[0]
    sheet.title = "Sheet1"
    sheet.append([column.header for column in class_file.HEADERS.values()])
    for row in (clip.row for clip in clips):
        if row.more[class_file.COLUMN]:
            sheet.append([row.subject, row.clip, int(row.more[class_file.COLUMN])])
    scratch = workbook.create_sheet("Sheet2")
    for number in range(_SCRATCH_ROWS):
        scratch.append([number, number * number])
    workbook.save(out / class_file.NAME)


def draw(home: Path, prefix: str, clip: Invented, numbers: Sequence[int]) -> None:
    """Write raw frames, or crops where the `prefix` is theirs."""
    from merbench.synthetic.rendering import draw_frames, draw_raw_frames

    assert isinstance(clip, Planned)
    crop, plan = clip.crop, clip.plan
    cropped = prefix.startswith("reg_")
    if cropped and clip.cropped_to is not None:
        numbers = [number for number in numbers if number <= clip.cropped_to]
    folder = home / f"sub{clip.row.subject}" / clip.row.clip
    write_frames(
        numbers,
        lambda part: draw_frames(plan, part, crop) if cropped else draw_raw_frames(plan, part, _RAW),
        lambda number: folder / f"{prefix}{number}.jpg",
    )


def _cell(clip: Invented, column: str) -> str | int | None:
    row = clip.row
    if column == "apex":
        return "/" if row.apex is None else row.apex
    if column in ("action_units", "objective_class"):
        text = row.action_units_annotated if column == "action_units" else row.more[column]
        return int(text) if text.isdigit() else text
    value: str | int | None = getattr(row, column) if column else None
    return value
