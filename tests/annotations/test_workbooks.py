"""Annotation workbooks: columns by name, cells as text, and a sentence for everything else."""

from pathlib import Path

import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from merbench.annotations.cells import as_text, read_grids
from merbench.annotations.sheets import Column, read_sheet
from merbench.annotations.workbook import WorkbookFormat
from merbench.errors import AnnotationError, MissingData

COLUMNS = {
    "subject": Column("Subject"),
    "onset": Column("OnsetFrame", ("Onset",)),
    "notes": Column("Notes", optional=True),
}


def save(path: Path, **sheets: list[list[object]]) -> Path:
    """A workbook of those sheets, written to `path`."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


def save_xls(path: Path, **sheets: list[list[object]]) -> Path:
    """The same in the old format."""
    workbook = xlwt.Workbook()
    for name, rows in sheets.items():
        sheet = workbook.add_sheet(name)
        for at, row in enumerate(rows):
            for place, cell in enumerate(row):
                if cell is not None:
                    sheet.write(at, place, cell)
    workbook.save(str(path))
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a test writes its workbook."""
    return tmp_path / "coding.xlsx"


def refused(path: Path) -> str:
    """The sentence by which a file is refused."""
    with pytest.raises(AnnotationError) as refusal:
        read_sheet(path, COLUMNS)
    return str(refusal.value)


@pytest.mark.parametrize(
    "header",
    [["Subject", "OnsetFrame"], [" subject ", "Onset Frame"], ["SUBJECT", "onset_frame"], ["Subject", "Onset"]],
)
def test_columns_are_found_by_name(path: Path, header: list[object]) -> None:
    sheet = read_sheet(save(path, A=[header, ["01", 46]]), COLUMNS)
    assert [(row.text("subject"), row.whole("onset")) for row in sheet.rows] == [("01", 46)]
    assert "notes" not in sheet.headers
    assert sheet.rows[0].cells["notes"] == ""


def test_order_of_columns_and_surplus_ones_do_not_matter(path: Path) -> None:
    save(path, A=[["OnsetFrame", None, "Extra", "Subject", "Notes"], [46, None, "x", "01", " n "]])
    (row,) = read_sheet(path, COLUMNS).rows
    assert row.cells == {"subject": "01", "onset": "46", "notes": "n"}


def test_header_below_a_preamble_in_a_later_sheet(path: Path) -> None:
    preamble: list[list[object]] = [["A title"], [], ["Subject"]]
    sheet = read_sheet(save(path, Empty=[], First=[["x"]], Codes=[*preamble, ["Subject", "Onset"], ["01", 4]]), COLUMNS)
    assert (sheet.name, sheet.rows[0].number) == ("Codes", 5)


def test_empty_rows_are_left_out_and_rows_keep_their_number(path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["Subject", "Onset"])
    sheet.cell(row=9, column=1, value="01")
    sheet.cell(row=9, column=2, value=5)
    sheet.cell(row=12, column=2, value="  ")
    sheet.cell(row=13, column=7, value="outside")
    workbook.save(path)
    assert [row.number for row in read_sheet(path, COLUMNS).rows] == [9]


def test_rows_beyond_a_wrong_extent_are_read(path: Path, tmp_path: Path) -> None:
    import zipfile

    save(path, A=[["Subject", "Onset"], ["01", 4], ["02", 5]])
    wrong = tmp_path / "wrong.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(wrong, "w") as target:
        for item in source.namelist():
            target.writestr(item, source.read(item).replace(b'ref="A1:B3"', b'ref="A1"'))
    assert len(read_sheet(wrong, COLUMNS).rows) == 2


def test_a_csv_file_is_one_sheet(tmp_path: Path) -> None:
    path = tmp_path / "coding.csv"
    path.write_text("\ufeffSubject, Onset\n01,46\n\n02,7.0\n", encoding="utf-8")
    sheet = read_sheet(path, COLUMNS)
    assert [(row.number, row.text("subject"), row.whole("onset")) for row in sheet.rows] == [
        (2, "01", 46),
        (4, "02", 7),
    ]


@pytest.mark.parametrize("name", ["coding.xls", "coding.XLS", "coding.xlsx"])
def test_the_old_format_reads_alike_by_any_name(tmp_path: Path, name: str) -> None:
    rows: list[list[object]] = [["A title"], ["Subject", None, "Onset", "Notes"], [], [1, None, 46.0, " n "], ["01"]]
    sheet = read_sheet(save_xls(tmp_path / name, Empty=[], Codes=rows), COLUMNS)
    assert (sheet.name, [row.number for row in sheet.rows]) == ("Codes", [4, 5])
    assert [dict(row.cells) for row in sheet.rows] == [
        {"subject": "1", "onset": "46", "notes": "n"},
        {"subject": "01", "onset": "", "notes": ""},
    ]


def test_cells_of_the_old_format(tmp_path: Path) -> None:
    path = save_xls(tmp_path / "coding.xls", A=[[True, False, 1.5, -3, "x" * 3, xlwt.Formula("1/0")]])
    grids = read_grids(path)
    assert grids["A"][0][:5] == ["True", "False", "1.5", "-3", "xxx"]


def test_a_preferred_sheet_is_read_where_it_is_there(path: Path) -> None:
    rows: list[list[object]] = [["Subject", "Onset"], ["01", 4]]
    save(path, A=rows, B=rows)
    assert [read_sheet(path, COLUMNS, preferred).name for preferred in ("", "B", "C")] == ["A", "B", "A"]


@pytest.mark.parametrize(
    ("cell", "text"), [(None, ""), (12.0, "12"), (12.5, "12.5"), (7, "7"), (" a ", "a"), ("01", "01"), (True, "True")]
)
def test_cells_as_text(cell: object, text: str) -> None:
    assert as_text(cell) == text


@pytest.mark.parametrize("cell", ["abc", "-1", -1, 1.5, "", None, "1e3", "٣", 10**12, "12 f", True])
def test_what_is_no_whole_number_is_refused_with_its_place(path: Path, cell: object) -> None:
    save(path, A=[["Subject", "Onset"], ["01", cell]])
    (row,) = read_sheet(path, COLUMNS).rows
    with pytest.raises(AnnotationError) as refusal:
        row.whole("onset")
    assert str(refusal.value) == (
        f"{path}, sheet 'A', row 2: Onset is {as_text(cell)!r}, but it must be a whole number from 0 to 999999999; "
        "correct the cell and save the file."
    )


def test_an_empty_cell_is_no_text_and_a_long_one_is_cut(path: Path) -> None:
    save(path, A=[["Subject", "Onset"], [None, 3], ["x" * 100, 3]])
    empty, long = read_sheet(path, COLUMNS).rows
    with pytest.raises(AnnotationError, match="row 2: Subject is '', but it must not be empty;"):
        empty.text("subject")
    assert f"Subject is '{'x' * 57}...', but it is long" in str(long.refusal("subject", "is long"))


def test_a_lacking_column_is_named(path: Path) -> None:
    sentence = refused(save(path, A=[["Subject", "Apex"], ["01", 4]]))
    assert sentence == (
        f"{path}, sheet 'A', row 1: among the headers Subject, Apex there is no OnsetFrame; "
        "add what is lacking, or give the file as it was distributed."
    )


def test_a_column_that_is_there_twice_is_named(path: Path) -> None:
    sentence = refused(save(path, A=[["Subject", "Onset", "OnsetFrame"], ["01", 4, 4]]))
    assert "row 1: OnsetFrame heads more than one column, but must head one; rename" in sentence


def test_a_workbook_without_a_filled_cell(path: Path) -> None:
    assert refused(save(path, A=[], B=[])) == (
        f"{path}: no sheet has a filled cell; give the file that holds the table."
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "cannot be read as an .xlsx workbook"),
        (b"Subject,Onset\n", "cannot be read as an .xlsx workbook (BadZipFile"),
        (b"PK\x03\x04broken", "cannot be read as an .xlsx workbook (BadZipFile"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"Workbook", "cannot be read as an .xls workbook (CompDocError"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
            "locked by a password; save it as .xlsx without one.",
        ),
    ],
)
def test_what_is_no_workbook(path: Path, content: bytes, sentence: str) -> None:
    path.write_bytes(content)
    assert sentence in refused(path)


def test_a_csv_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "coding.csv"
    path.write_bytes("Subject,Onset\n\u7532,4\n".encode("gb18030"))
    assert "cannot be read as CSV" in refused(path)


def test_a_file_that_is_not_there(path: Path) -> None:
    with pytest.raises(MissingData, match="there is no such annotation file"):
        read_sheet(path, COLUMNS)


@given(
    old=st.booleans(),
    changes=st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255)), max_size=12),
    kept=st.sampled_from([1.0, 1.0, 0.9, 0.5, 0.1]),
)
def test_any_damage_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, old: bool, changes: list[tuple[int, int]], kept: float
) -> None:
    written = save_xls if old else save
    path = written(tmp_path_factory.getbasetemp() / "damaged.xlsx", A=[["Subject", "Onset"], ["01", 4]])
    content = bytearray(path.read_bytes())
    for place, value in changes:
        content[place % len(content)] = value
    path.write_bytes(content[: int(kept * len(content))])
    try:
        grids = read_grids(path)
    except AnnotationError:
        return
    assert all(isinstance(cell, str) for grid in grids.values() for row in grid for cell in row)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_as_spreadsheet_programs_save_it(tmp_path: Path, separator: str, ending: str, mark: str) -> None:
    lines = [["", ""], ["Subject", "Onset"], ["006", "46"], [""], ["07", "1"]]
    path = tmp_path / "coding.csv"
    path.write_text(mark + ending.join(separator.join(line) for line in lines), encoding="utf-8", newline="")
    sheet = read_sheet(path, COLUMNS)
    assert [(row.text("subject"), row.whole("onset"), row.number) for row in sheet.rows] == [
        ("006", 46, 3),
        ("07", 1, 5),
    ]


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    path = tmp_path / "coding.csv"
    path.write_text('Subject,Onset,Notes\n01,4,"two\nlines"\n\n02,x,', encoding="utf-8")
    rows = read_sheet(path, COLUMNS).rows
    assert [(row.number, row.cells["notes"]) for row in rows] == [(2, "two\nlines"), (5, "")]
    with pytest.raises(AnnotationError, match=r"coding.csv, line 5: Onset is 'x', but it must be a whole number"):
        rows[1].whole("onset")


def test_columns_that_nobody_asked_for_are_kept(path: Path) -> None:
    save(path, A=[["Extra", "Subject", None, "OnsetFrame", "Extra"], [1.0, "01", "x", 46], [None, "02", None, 3, "y"]])
    rows = read_sheet(path, COLUMNS).rows
    assert [row.further for row in rows] == [{"Extra": "1", "Extra (2)": ""}, {"Extra": "", "Extra (2)": "y"}]


def test_a_second_sheet_that_could_be_read_is_named(path: Path) -> None:
    rows: list[list[object]] = [["Subject", "Onset"], ["1", 4]]
    save(path, first=rows, other=[["Subject", "Rating"], ["1", 2]], empty=rows[:1])
    assert read_sheet(path, COLUMNS).notes == ()
    save(path, first=rows, second=[["a title"], *rows])
    assert read_sheet(path, COLUMNS).notes == (
        (
            f"{path}: the sheet 'second' has the columns too and is not read, 'first' is; "
            "delete the one that is not meant."
        ),
    )
    coding = WorkbookFormat(dataset="mine", names=("coding.xlsx",), columns=COLUMNS)
    for chosen in ("", path.name):
        assert "'second'" in coding.read(path.parent, chosen)[1][0]
        assert "'second'" in coding.read_all(path.parent, chosen)[1][0]


def test_sheets_beside_the_one_that_an_adapter_names_are_named_unless_they_are_distributed_so(path: Path) -> None:
    rows: list[list[object]] = [["Subject", "Onset"], ["1", 4]]
    save(path, HS=rows, VIS=rows, mine=rows)
    coding = WorkbookFormat(
        dataset="mine", names=("coding.xlsx",), columns=COLUMNS, sheet="HS", known_sheets=("VIS", "NIR")
    )
    sheet, notes = coding.read(path.parent, "")
    assert sheet.name == "HS"
    [note] = notes
    assert "the sheet 'mine' has the columns too and is not read, 'HS' is" in note


def test_a_csv_file_beside_a_good_workbook_is_named_with_the_way_to_read_it(path: Path) -> None:
    save(path, first=[["Subject", "Onset"], ["1", 4]])
    coding = WorkbookFormat(dataset="mine", names=(path.name,), columns=COLUMNS)
    (path.parent / "landmarks.csv").write_text("x,y\n1,4\n")
    assert coding.read(path.parent, "")[1] == ()
    (path.parent / "my table.csv").write_text("Subject,Onset\n1,5\n")
    [note] = coding.read(path.parent, "")[1]
    assert note == (
        f"{path.parent / 'my table.csv'}: it has the columns too and is not read, {path.name} is; to read it, add "
        "--set 'dataset.coding=my table.csv'."
    )
    assert coding.read(path.parent, "my table.csv")[0].rows[0].whole("onset") == 5


def test_a_csv_file_where_a_workbook_is_looked_for_is_proposed(tmp_path: Path) -> None:
    coding = WorkbookFormat(dataset="mine", names=("coding.xlsx",), columns=COLUMNS)
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "my table.csv").write_text("Subject,Onset\n1,4\n")
    with pytest.raises(MissingData, match=r"name it with --set dataset\.coding='labels/my table\.csv'\.$"):
        coding.read(tmp_path, "")
    assert len(coding.read(tmp_path, "labels/my table.csv")[0].rows) == 1
    (tmp_path / "b.csv").touch()
    with pytest.raises(MissingData, match=r"--set dataset\.coding=FILE\.$"):
        coding.read(tmp_path, "")
