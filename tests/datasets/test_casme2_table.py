"""The annotation table of CASME II: the oddities of its workbook, its states, its schemes, and what is refused."""

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook

from merbench.annotations.clips import COLUMNS, Annotations
from merbench.datasets.casme2 import Casme2
from merbench.errors import AnnotationError, MissingData

HEADERS: list[object] = [
    "Subject",
    "Filename",
    None,
    "OnsetFrame",
    "ApexFrame",
    "OffsetFrame",
    None,
    "Action Units",
    "Estimated Emotion",
]
COUNTS = {"happiness": 32, "surprise": 25, "disgust": 63, "repression": 27, "others": 99, "sadness": 7, "fear": 2}
MOVED = ("24/EP07_01", "24/EP07_04f", "24/EP10_03")
NOT_CODED = ("05/EP05_03", "05/EP07_01", "05/EP13_04f", "19/EP11_01f", "26/EP13_01")
STATES = ("2014", "2019", "256-row")
FILE = "CASME2-coding-20140508.xlsx"

Line = list[object]


def line(
    clip: str,
    emotion: str = "others",
    frames: tuple[object, object, object] = (46, 59, 86),
    units: object = "4+7",
) -> Line:
    """One row of the workbook; `clip` is ``subject/clip``."""
    subject, _, name = clip.partition("/")
    return [subject, name, None, *frames, None, units, emotion]


def save(path: Path, lines: list[Line], headers: Line | None = None) -> Path:
    """A workbook of those rows with the two empty sheets of the real one."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "Sheet1"
    for row in [HEADERS if headers is None else headers, *lines]:
        sheet.append(row)
    workbook.create_sheet("Sheet2")
    workbook.create_sheet("Sheet3")
    path.parent.mkdir(exist_ok=True, parents=True)
    workbook.save(path)
    return path


def read(root: Path, lines: list[Line], headers: Line | None = None) -> Annotations:
    """The annotations of a workbook of those rows."""
    save(root / FILE, lines, headers)
    return Casme2().table(root)


def refused(root: Path, lines: list[Line], headers: Line | None = None) -> str:
    """The sentence by which a workbook of those rows is refused, without its path."""
    with pytest.raises(AnnotationError) as refusal:
        read(root, lines, headers)
    assert str(refusal.value).startswith(f"{root / FILE}, sheet 'Sheet1'")
    return str(refusal.value).removeprefix(f"{root / FILE}, sheet 'Sheet1', ")


def full(state: str) -> list[Line]:
    """A table of invented clips with the named ones among them, and as many of each emotion as the state has."""
    named = {"04/EP12_01f": "disgust", "05/EP09_05f": "repression"}
    named |= dict.fromkeys(MOVED, "surprise" if state == "2019" else "sadness")
    named |= dict.fromkeys(NOT_CODED, "others")
    named |= {"24/EP02_07": "disgust"} if state == "256-row" else {}
    counts = Counter(COUNTS)
    counts += Counter({"2019": {"surprise": 3}, "256-row": {"disgust": 1}}.get(state, {}))
    counts -= Counter({"sadness": 3} if state == "2019" else {})
    left = list((counts - Counter(named.values())).elements())
    named |= {f"{number % 26 + 1:02d}/EP30_{number:02d}": emotion for number, emotion in enumerate(left)}
    return [
        line(clip, emotion, units="?" if clip in NOT_CODED and state != "2019" else "4+7")
        for clip, emotion in named.items()
    ]


def test_the_columns_and_their_types(tmp_path: Path) -> None:
    table = read(
        tmp_path, [line("01/EP02_01f", " Happiness "), line("04/EP12_01f", "others", (261, "/", 321), 4)]
    ).table
    assert tuple(table.columns) == (*COLUMNS, "action_units_annotated")
    assert table["subject"].tolist() == ["01", "04"]
    assert table["emotion"].tolist() == ["happiness", "others"]
    assert table["action_units"].tolist() == ["4+7", "4"]
    assert table["apex"].dtype == "Int64"
    assert table["apex"].tolist() == [59, pd.NA]
    assert (table["onset"].dtype, table["fps"].dtype, table["fps"][0]) == ("int64", "float64", 200.0)


@pytest.mark.parametrize("cell", ["01", "1", 1, 1.0, "sub01", "Sub 1", "s1", " 01 "])
def test_subjects_are_two_digits(tmp_path: Path, cell: object) -> None:
    assert read(tmp_path, [[cell, *line("x/EP02_01f")[1:]]]).table["subject"].tolist() == ["01"]


@pytest.mark.parametrize("cell", [4, "4", 4.0, "L4", "1+R2+25", "?"])
def test_action_units_stay_as_annotated_beside_the_plain_ones(tmp_path: Path, cell: object) -> None:
    annotations = read(tmp_path, [line("01/EP02_01f", units=cell)])
    annotated = "4" if cell == 4.0 else str(cell)
    assert annotations.table["action_units_annotated"].tolist() == [annotated]
    assert annotations.table["action_units"].tolist() == ["" if cell == "?" else annotated]


def test_action_units_that_cannot_be_read_are_noted(tmp_path: Path) -> None:
    annotations = read(tmp_path, [line("01/EP02_01f"), line("01/EP03_02", units="4;7")])
    assert annotations.table["action_units_annotated"].tolist() == ["4+7", "4;7"]
    assert annotations.table["action_units"].tolist() == ["4+7", ""]
    assert "action units that cannot be read count as not coded: row 3 ('4;7')." in annotations.notes[-1]


def test_the_blank_columns_may_be_missing_and_the_order_another(tmp_path: Path) -> None:
    headers: Line = [
        "Estimated emotion",
        "action units",
        "offset frame",
        "APEXFRAME",
        "OnsetFrame",
        "Filename",
        "subject",
    ]
    table = read(tmp_path, [["fear", 12, 86, 59, 46, "EP02_01f", 3]], headers).table
    assert table.iloc[0].to_dict() == {
        "subject": "03",
        "clip": "EP02_01f",
        "onset": 46,
        "apex": 59,
        "offset": 86,
        "emotion": "fear",
        "action_units": "12",
        "fps": 200.0,
        "action_units_annotated": "12",
    }


def test_objective_classes_are_kept_where_given(tmp_path: Path) -> None:
    annotations = read(tmp_path, [[*line("01/EP02_01f"), 3]], [*HEADERS, "Objective Classes"])
    assert annotations.table["objective_class"].tolist() == ["3"]
    assert annotations.state == "unrecognised"  # users add such a column to the table of 2014 too


def test_empty_rows_fall_away_and_an_apex_outside_stays(tmp_path: Path) -> None:
    lines = [line("01/EP02_01f", frames=(46, 400, 86)), [None] * 9, line("01/EP03_02", frames=(9, 3, 9)), [" "], []]
    assert read(tmp_path, lines).table["apex"].tolist() == [400, 3]


def test_one_clip_may_hold_several_expressions(tmp_path: Path) -> None:
    lines = [line("01/EP02_01f"), line("01/EP02_01f", frames=(90, 95, 99)), line("02/EP02_01f")]
    assert len(read(tmp_path, lines).table) == 3


def test_an_emotion_beyond_the_seven_is_noted(tmp_path: Path) -> None:
    assert "1 clip of 'joy', which no label scheme" in read(tmp_path, [line("01/EP02_01f", "joy")]).notes[-1]


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({3: "abc"}, "OnsetFrame is 'abc', but it must be a whole number from 0 to 999999999; correct"),
        ({5: None}, "OffsetFrame is '', but it must be a whole number"),
        ({5: 86.5}, "OffsetFrame is '86.5', but it must be a whole number"),
        ({4: "x"}, "ApexFrame is 'x', but it must be a whole number"),
        ({3: 87}, "OnsetFrame is '87', but it must not lie after OffsetFrame, which is 86; correct the cell"),
        ({0: "A1"}, "Subject is 'A1', but it must be a number from 1 to 99, such as 6, 06 or sub06; correct the cell"),
        ({0: 0}, "Subject is '0', but it must be a number from 1 to 99"),
        ({0: None}, "Subject is '', but it must not be empty"),
        ({1: None}, "Filename is '', but it must not be empty"),
        ({1: "../x"}, "Filename is '../x', but it must be the name of a folder; correct"),
        ({8: None}, "Estimated Emotion is '', but it must not be empty"),
    ],
)
def test_a_bad_cell_is_named(tmp_path: Path, changes: dict[int, object], sentence: str) -> None:
    bad = [changes.get(place, cell) for place, cell in enumerate(line("01/EP03_02"))]
    assert refused(tmp_path, [line("01/EP02_01f"), bad]).startswith(f"row 3: {sentence}")


def test_a_clip_that_is_there_twice(tmp_path: Path) -> None:
    lines = [line("01/EP02_01f"), line("02/EP02_01f"), ["sub1", *line("x/EP02_01f", frames=(46, 50, 60))[1:]]]
    assert refused(tmp_path, lines) == (
        "row 4: Filename is 'EP02_01f', but it stands in row 2 too, with subject 01 and onset 46, "
        "and must be there once; delete one of the two rows."
    )


@pytest.mark.parametrize("lacking", [header for header in HEADERS if header and header != "Action Units"])
def test_a_lacking_column_is_named(tmp_path: Path, lacking: str) -> None:
    headers = [None if header == lacking else header for header in HEADERS]
    assert f"there is no {lacking}; add" in refused(tmp_path, [line("01/EP02_01f")], headers)


# --- which workbook -----------------------------------------------------------------------------------------------


def test_a_workbook_of_any_name_is_found_one_folder_below(tmp_path: Path) -> None:
    save(tmp_path / "codes" / "mine.XLSX", [line("01/EP02_01f")])
    assert len(Casme2().table(tmp_path).table) == 1


def test_workbooks_without_the_columns_are_passed_over_and_noted(tmp_path: Path) -> None:
    save(tmp_path / FILE, [line("01/EP02_01f")])
    save(tmp_path / "mine.xlsx", [["1", "EP02_01f", 3]], ["Subject", "Filename", "Rating"])
    (tmp_path / "~$CASME2-coding-20140508.xlsx").write_bytes(b"lock")
    notes = Casme2().table(tmp_path).notes
    assert notes[0].startswith(f"Passed over: {tmp_path / 'mine.xlsx'}, sheet 'Sheet1', row 1: among")
    assert not any("lock" in note or "~$" in note for note in notes)


def test_several_workbooks_and_the_choice(tmp_path: Path) -> None:
    save(tmp_path / "CASME2-coding-20190701.xlsx", [line("01/EP02_01f"), line("01/EP03_02")])
    with pytest.raises(AnnotationError) as refusal:
        read(tmp_path, [line("01/EP02_01f")])
    assert str(refusal.value) == (
        f"casme2: several annotation workbooks in {tmp_path}: {FILE}, CASME2-coding-20190701.xlsx; a run reads one, "
        f"since their labels differ. Choose it: --set dataset.coding={FILE}."
    )
    chosen = Casme2.Parameters().changed({"coding": "CASME2-coding-20190701.xlsx"})
    assert len(Casme2(chosen).table(tmp_path).table) == 2


def test_a_choice_that_is_not_there(tmp_path: Path) -> None:
    save(tmp_path / FILE, [line("01/EP02_01f")])
    with pytest.raises(MissingData, match=f"dataset.coding=x.xlsx must be a file .* Workbooks there: {FILE}."):
        Casme2(Casme2.Parameters().changed({"coding": "x.xlsx"})).table(tmp_path)


def test_no_workbook(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_bytes(b"")
    with pytest.raises(MissingData, match=rf"no annotation workbook \(.xlsx, .xls\) .* it is called {FILE} or"):
        Casme2().table(tmp_path)
    with pytest.raises(MissingData, match=r"does not exist\. Say where it lies with --data casme2=DIR"):
        Casme2().table(tmp_path / "none")


def test_only_workbooks_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"")
    with pytest.raises(AnnotationError, match=r"a.xlsx: it cannot be read as an .xlsx workbook"):
        Casme2().table(tmp_path)
    (tmp_path / "b.xlsx").write_bytes(b"")
    with pytest.raises(AnnotationError, match=r"none of the workbooks a.xlsx, b.xlsx in .* can be read"):
        Casme2().table(tmp_path)
    (tmp_path / FILE).write_bytes(b"")
    with pytest.raises(AnnotationError, match=rf"{FILE}: it cannot be read as an .xlsx workbook"):
        Casme2().table(tmp_path)


# --- states and schemes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", STATES)
def test_a_whole_table_is_recognised(tmp_path: Path, state: str) -> None:
    annotations = read(tmp_path, full(state))
    assert (annotations.state, annotations.notes) == (state, ())
    assert len(annotations.table) == (256 if state == "256-row" else 255)


@pytest.mark.parametrize(
    ("state", "subjects", "expected"),
    [
        ("2014", ("24",), "2014 (part)"),
        ("2019", ("24", "01"), "2019 (part)"),
        ("256-row", ("24",), "256-row (part)"),
        ("2014", ("05", "02"), "2014 (part)"),
        ("2019", ("19",), "2019 (part)"),
        ("256-row", ("26",), "2014 (part)"),
        ("2014", ("01", "02"), "unrecognised"),
    ],
)
def test_a_part_is_recognised_by_the_clips_that_differ(
    tmp_path: Path, state: str, subjects: tuple[str, ...], expected: str
) -> None:
    annotations = read(tmp_path, [row for row in full(state) if row[0] in subjects])
    assert annotations.state == expected
    assert len(annotations.notes) == 1


@pytest.mark.parametrize(
    ("state", "change", "note"),
    [
        (
            "2014",
            {MOVED[0]: "surprise"},
            "24/EP07_01 is surprise, 24/EP07_04f is sadness, 24/EP10_03 is sadness, which",
        ),
        ("2014", dict.fromkeys(MOVED, "others"), "24/EP07_01 is others"),
        ("256-row", dict.fromkeys(MOVED, "surprise"), "24/EP02_07 is there, 24/EP07_01 is surprise"),
        ("2019", {"04/EP12_01f": "surprise"}, "like 2019, but the clips are 29 of surprise (at most 28)."),
        ("2019", {"04/EP12_01f": "joy"}, "like 2019, but the clips are 1 of joy (at most 0)."),
    ],
)
def test_a_table_that_is_no_state_says_why(tmp_path: Path, state: str, change: dict[str, str], note: str) -> None:
    lines = [[*row[:8], change.get(f"{row[0]}/{row[1]}", row[8])] for row in full(state)]
    annotations = read(tmp_path, lines)
    assert annotations.state == "unrecognised"
    assert note in annotations.notes[0]


@pytest.mark.parametrize(
    ("scheme", "totals"),
    [
        ("5-class", (246, 249, 247)),
        ("3-class-megc2019", (145, 145, 145)),
        ("3-class", (147, 150, 148)),
        ("3-class-mmnet", (156, 156, 157)),
        ("4-class", (147, 150, 148)),
        ("7-class", (255, 255, 256)),
    ],
)
def test_every_scheme_gives_its_counts_in_every_state(tmp_path: Path, scheme: str, totals: tuple[int, ...]) -> None:
    chosen = Casme2.scheme(scheme)
    for state, total in zip(STATES, totals, strict=True):
        table = read(tmp_path, full(state)).table
        rows = table[["subject", "clip", "emotion"]].itertuples(index=False)
        found = Counter(label for row in rows if (label := chosen.label(*map(str, row))) is not None)
        assert found.total() == total
        assert found == chosen.counts[state]


def test_the_classes_of_each_scheme() -> None:
    assert Casme2.scheme(None).name == "5-class"
    assert Casme2.scheme("5-class").classes == ("happiness", "surprise", "disgust", "repression", "others")
    assert Casme2.scheme("3-class-megc2019").counts["2019"] == {"negative": 88, "positive": 32, "surprise": 25}
    assert Casme2.scheme("3-class-mmnet").counts["2019"] == {"negative": 96, "happiness": 32, "surprise": 28}
    assert Casme2.scheme("3-class-mmnet").counts["2014"] == {"negative": 99, "happiness": 32, "surprise": 25}


def test_a_copy_of_2014_without_action_units_and_with_objective_classes_is_not_of_2019(tmp_path: Path) -> None:
    rows = [[*row[:5], *row[5:7], "", *row[8:]] for row in full("2014") if row[0] in ("05", "19", "26")]
    annotations = read(tmp_path, [[*row, "VII"] for row in rows], [*HEADERS, "Objective Classes"])
    assert annotations.state == "unrecognised"
