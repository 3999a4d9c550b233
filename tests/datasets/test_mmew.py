"""MMEW: its workbook's oddities, its schemes, its frame files, its mock tree, and what is refused."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from PIL import Image

from merbench.annotations.action_units import parse
from merbench.annotations.clips import COLUMNS, Annotations, Clip, clip_of
from merbench.data.source import Source
from merbench.datasets.mmew import Mmew
from merbench.errors import DataError

Line = list[object]

FILE = "MMEW_Micro_Exp.xlsx"
HEADERS: Line = [
    "Subject",
    "Filename",
    "OnsetFrame",
    "ApexFrame",
    "OffsetFrame",
    "Action Units",
    "Estimated Emotion",
    "remarks",
]
COUNTS = {"happiness": 36, "surprise": 89, "disgust": 72, "others": 66, "fear": 16, "sadness": 13, "anger": 8}


def line(
    clip: str, emotion: str = "others", frames: tuple[object, object, object] = (1, 12, 35), units: object = "4+7"
) -> Line:
    """One row of the workbook, by the clip's name."""
    return [int(clip[1:3]), clip, *frames, units, emotion, None]


def save(path: Path, lines: list[Line], headers: Line | None = None) -> Path:
    """A workbook of those rows."""
    workbook = Workbook()
    for row in [HEADERS if headers is None else headers, *lines]:
        workbook.worksheets[0].append(row)
    path.parent.mkdir(exist_ok=True, parents=True)
    workbook.save(path)
    return path


def read(root: Path, lines: list[Line], headers: Line | None = None) -> Annotations:
    """The annotations of a workbook of those rows, where it is distributed."""
    save(root / "MMEW_Final" / FILE, lines, headers)
    return Mmew().table(root)


def full() -> list[Line]:
    """Mock clips, as many of each emotion as the file has, of its 30 subjects."""
    emotions = [(order, name) for order, name in enumerate(COUNTS, start=1) for _ in range(COUNTS[name])]
    return [line(f"S{n % 30 + 1:02d}-{order:02d}-{n:03d}", name) for n, (order, name) in enumerate(emotions)]


def test_the_columns_and_sides_behind_the_number(tmp_path: Path) -> None:
    lines = [line("S01-01-001", "happiness", units="10R"), line("S02-03-001", " Disgust ", units="4R+7")]
    table = read(tmp_path, [*lines, line("S03-04-001", units="L10"), line("S05-04-001", units=4)]).table
    assert tuple(table.columns) == (*COLUMNS, "action_units_annotated", "remarks")
    assert table["subject"].tolist() == ["01", "02", "03", "05"]
    assert table["emotion"].tolist() == ["happiness", "disgust", "others", "others"]
    assert table["action_units"].tolist() == ["R10", "R4+7", "L10", "4"]
    assert table["action_units_annotated"].tolist() == ["10R", "4R+7", "L10", "4"]
    assert (table["apex"].dtype, table["onset"][0], table["fps"][0]) == ("Int64", 1, 90.0)


@pytest.mark.parametrize("cell", [1, "1", "S01", 1.0, "01"])
def test_subjects_are_two_digits(tmp_path: Path, cell: object) -> None:
    assert read(tmp_path, [[cell, *line("S01-01-001")[1:]]]).table["subject"].tolist() == ["01"]


def test_a_csv_export_may_be_chosen_and_need_not_have_remarks(tmp_path: Path) -> None:
    with (tmp_path / "codes.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([HEADERS[:-1], line("S01-01-001")[:-1]])
    table = Mmew(Mmew.Parameters(coding="codes.csv")).table(tmp_path).table
    assert "remarks" not in table.columns
    assert len(table) == 1


def test_a_whole_table_is_recognised_and_its_doubts_are_told(tmp_path: Path) -> None:
    annotations = read(tmp_path, full())
    assert annotations.state == "300-row"
    assert ["S04" in note or "S13" in note for note in annotations.notes] == [True, True]
    assert all("which are right is unverified" in note for note in annotations.notes)


def test_parts_and_other_tables_say_so(tmp_path: Path) -> None:
    part = read(tmp_path, full()[:2])
    assert (part.state, part.notes) == ("300-row (part)", ("Part of annotation state 300-row: 2 of 300 clips.",))
    assert read(tmp_path, [line("S01-01-001", "joy")]).state == "unrecognised"
    stray = read(tmp_path, [[2, *line("S01-01-001")[1:]]])
    assert stray.notes[-1].endswith("the clip's name says another subject than its row for 02/S01-01-001.")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The full mock's annotation, without frames."""
    out = tmp_path_factory.mktemp("mmew") / "full"
    Mmew().mock(out, subjects=1, clips=1, seed=3, frames="none", full=True)
    return out


def test_the_full_stand_in_is_as_large_as_the_file(whole: Path) -> None:
    table = Mmew().table(whole).table
    known = Mmew.known["300-row"]
    assert Mmew().table(whole).state == "300-row"
    assert Counter(table["emotion"]) == known.emotions == COUNTS
    assert (len(table), known.clips, known.subjects, table["subject"].nunique()) == (300, 300, 30, 30)
    assert set(table["onset"]) == {1}
    assert table["offset"].between(14, 77).all()
    assert (table["subject"] == "04").sum() == 10
    assert any(re.search("[0-9][LR]", cell) for cell in table["action_units_annotated"])
    assert not list(whole.rglob("*.jpg"))


def test_no_revision_mends_what_is_unverified(whole: Path) -> None:
    mended = Source(dataset=Mmew(), root=whole, corrections="merbench-1").annotations()
    assert mended.table.equals(Mmew().table(whole).table)
    assert (mended.corrected, Mmew.corrections) == ((), ())


# --- frames and the mock --------------------------------------------------------------------------------------

CLIP = Clip(dataset="mmew", subject="01", name="S01-04-001", onset=1, apex=2, offset=10)


@pytest.mark.parametrize("home", ["MMEW_Final/Micro_Expression", "Micro_Expression"])
def test_frames_by_number_whatever_the_emotion(tmp_path: Path, home: str) -> None:
    folder = tmp_path / home / "others" / "S01-04-001"
    folder.mkdir(parents=True)
    (tmp_path / home / "fear").mkdir()
    for name in ("1.jpg", "2.jpg", "10.jpg", "Thumbs.db"):
        (folder / name).touch()
    assert list(Mmew().frames(tmp_path, CLIP)) == [1, 2, 10]


def test_frames_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has no micro-expression frames: .* found nothing. Put them there\."):
        Mmew().frames(tmp_path, CLIP)
    (tmp_path / "Micro_Expression").mkdir()
    assert Mmew().frames(tmp_path, CLIP) == {}


def test_the_stand_in_reads_back(tmp_path: Path) -> None:
    Mmew().mock(tmp_path, subjects=2, clips=5, seed=5)
    table = Mmew().table(tmp_path).table
    assert {"happiness", "surprise", "disgust", "others"} < set(table["emotion"])
    assert all(parse(cell) for cell in table["action_units"])
    for _, row in table.iterrows():
        found = Mmew().frames(tmp_path, clip_of("mmew", row))
        assert {1, row["apex"], row["offset"]} <= set(found)
        assert found[1].relative_to(tmp_path).as_posix() == (
            f"MMEW_Final/Micro_Expression/{row['emotion']}/{row['clip']}/1.jpg"
        )
        with Image.open(found[1]) as image:
            assert (image.mode, image.size) == ("RGB", (231, 231))
    first = load_workbook(tmp_path / "MMEW_Final" / FILE).worksheets[0]["A2"].value
    assert first == 1
