from __future__ import annotations

from pathlib import Path

import pytest

from merbench.annotations.sheets import MOST_LISTED, Column, Row, read_rows, read_sheet
from merbench.errors import AnnotationError

HEADER = "dataset,subject,clip,onset,apex,offset,emotion"


def _manifest(folder: Path, *onsets: str) -> Path:
    file = folder / "clips.csv"
    lines = [f"mine,{at % 3},{at},{onset},,30,happiness" for at, onset in enumerate(onsets)]
    file.write_text("\n".join([HEADER, *lines]) + "\n")
    return file


def _onsets(file: Path) -> list[int]:
    return read_rows(read_sheet(file, {"onset": Column("onset")}).rows, _onset)


def _onset(row: Row) -> int:
    return row.whole("onset")


def test_rows_come_back_in_their_order(tmp_path: Path) -> None:
    assert _onsets(_manifest(tmp_path, "5", "3", "4")) == [5, 3, 4]


def test_one_refusal_is_told_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(
        AnnotationError, match=r"clips\.csv, line 3: onset is 'x', but it must be a whole number"
    ) as told:
        _onsets(_manifest(tmp_path, "5", "x", "4"))
    assert "\n" not in str(told.value)


def test_every_refused_row_is_told_up_to_a_screenful(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError) as told:
        _onsets(_manifest(tmp_path, *["x"] * (MOST_LISTED + 7)))
    first, *lines, last = str(told.value).split("\n")
    assert first == f"{MOST_LISTED + 7} rows cannot be read:"
    assert [line.split(", line ")[1].split(":")[0] for line in lines] == [str(at) for at in range(2, MOST_LISTED + 2)]
    assert last == "  and 7 more"
