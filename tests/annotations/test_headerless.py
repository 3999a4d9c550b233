"""Annotation sheets without headers: found by the shape of their cells, and refused by the first cell that differs."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from merbench.annotations.headerless import Place, read_plain
from merbench.errors import AnnotationError, MissingData

COLUMNS = {
    "subject": Place("participant", pattern="[0-9]{1,2}", rule="must be a number from 0 to 99"),
    "clip": Place("clip", pattern=r"\w+", rule="must be a word"),
    "onset": Place("onset", pattern="[0-9]+", rule="must be a whole number"),
    "note": Place("remark"),
}


def save(path: Path, **sheets: list[list[object]]) -> Path:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


def test_the_sheet_is_found_by_shape_and_read_by_position(tmp_path: Path) -> None:
    rows: list[list[object]] = [[1, "a_1", 10.0], [], ["2", "b_1", "12", " x ", "more"]]
    sheet = read_plain(save(tmp_path / "t.xlsx", Names=[["a", 1]], Codes=rows), COLUMNS)
    assert (sheet.name, sheet.notes) == ("Codes", ())
    assert [(row.number, *row.cells.values()) for row in sheet.rows] == [
        (1, "1", "a_1", "10", ""),
        (3, "2", "b_1", "12", "x"),
    ]


def test_headings_are_passed_over_and_remarks_are_told(tmp_path: Path) -> None:
    rows: list[list[object]] = [["who", "clip", "onset"], [1, "a_1", 10], ["checked by X"], [2, "b_1", 12]]
    path = save(tmp_path / "t.xlsx", Codes=rows)
    sheet = read_plain(path, COLUMNS)
    assert [row.number for row in sheet.rows] == [2, 4]
    assert sheet.notes == (f"{path}, sheet 'Codes': passed over rows of one or two cells: 3.",)


@pytest.mark.parametrize("place", [0, 1])
def test_the_first_cell_of_another_shape_is_named(tmp_path: Path, place: int) -> None:
    rows: list[list[object]] = [[1, "a_1", 10, "x"]]
    rows.insert(place, [3, "c_1", "later", "x"])
    path = save(tmp_path / "t.xlsx", Codes=rows)
    with pytest.raises(AnnotationError) as refusal:
        read_plain(path, COLUMNS)
    assert str(refusal.value) == (
        f"{path}, sheet 'Codes', row {place + 1}: column C (onset) is 'later', but it must be a whole number; "
        "correct the cell and save the file."
    )


def test_a_file_without_such_rows_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "t.xlsx", Codes=[["a", "b", "c"]], Empty=[])
    with pytest.raises(
        AnnotationError, match=r"no sheet has a row with a clip, in which column A \(participant\) must"
    ):
        read_plain(path, COLUMNS)
    with pytest.raises(MissingData):
        read_plain(tmp_path / "none.xlsx", COLUMNS)
