"""Every adapter reads a damaged annotation table, or refuses it in a sentence: nothing else comes out.

The tables are those of a small mock tree of each adapter, and of the manifest that exports one; what is done to
them is drawn by hypothesis. Files and folders are renamed and deleted, too: of some databases they bear the labels.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

import merbench.synthetic.rendering
from merbench.annotations.action_units import parse
from merbench.annotations.clips import COLUMNS, clip_of
from merbench.annotations.corrections import REVISIONS
from merbench.data.export import export
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.dataset import Dataset
from merbench.errors import AnnotationError, MerbenchError
from merbench.registry import datasets
from merbench.synthetic.mock_tree import write_mock

#: A workbook or CSV file as it is in memory: the rows of each sheet.
Book: TypeAlias = dict[str, list[list[object]]]
Damage: TypeAlias = Callable[[Book], None]

#: The release of SMIC that has a workbook is read with a parameter.
EXTENDED = "smic-vis extended"
ADAPTERS = sorted([*(kind.name for kind in datasets.entries() if not kind.synthetic), EXTENDED])
#: How an adapter's table spells subjects, whatever the file does.
SUBJECTS = {
    "4dme": r"[^\s/\\.][^/\\]*",
    "cas-me-2": "[1-9][0-9]?",
    "cas-me-3a": r"spNO\.[1-9][0-9]{0,2}",
    "cas-me-3c": "[1-9][0-9]?",
    "dfme": "sub[0-9]{4}",
    "samm": "[0-9]{3}",
    **dict.fromkeys(("casme", "casme2", "mmew"), "[0-9]{2}"),
    **dict.fromkeys(("smic-hs", "smic-nir", "smic-vis", EXTENDED), "s[1-9][0-9]?"),
}
#: Adapters that keep rows whose offset lies before their onset, for the list of corrections.
REVERSED = ("cas-me-2", "cas-me-3a", EXTENDED)
#: Few, since there are many adapters.
EXAMPLES = 30 * int(os.environ.get("MERBENCH_FUZZ", "1"))

CELLS = st.one_of(
    st.sampled_from([None, "", " ", "/", "?", "nan", "None", "-1", "0", "abc", "=1/0", "=A1", "#REF!", "1,5", "٣"]),
    st.sampled_from([-1, 0, 1, 1.5, -0.0, 1e9, 10**12, 1e300, 10**30, True, False]),
    st.sampled_from(
        ["../x", "a/b", "a\\b", ".", "x" * 300, "EP01_2", "sub01", "s1_ne_01", "surprise+positive", "Others"]
    ),
    st.sampled_from(["4+", "+", "4(k)", "AU4", "L", "13?", "4,7", "4\uff0c7", "(4", "R12L", "M57", "9" * 40, "12 or"]),
    st.integers(-5, 10_000),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=6),
)
SHARE = st.floats(0, 1, exclude_max=True)


@dataclass(frozen=True)
class Tree:
    """A mock tree with blank frames, and the tables in it."""

    name: str
    root: Path
    tables: tuple[Path, ...]


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Tree]]:
    @cache
    def grown(name: str) -> Tree:
        root = tmp_path_factory.mktemp(name) / "tree"
        if type(adapter(name)).mock is Dataset.mock:
            root.mkdir()
            source = Source(dataset=datasets.get("samm")(), root=_written("samm", root.with_name("source")))
            export(source, root / "clips.csv")
        else:
            _written(name, root)
        tables = [path for path in sorted(root.rglob("*")) if path.suffix in (".xlsx", ".xls", ".csv")]
        return Tree(name=name, root=root, tables=tuple(tables))

    with pytest.MonkeyPatch.context() as patch:
        for name in ("draw_frames", "draw_raw_frames"):
            patch.setattr(merbench.synthetic.rendering, name, _blank)
        yield grown


def adapter(name: str) -> Dataset:
    kind = datasets.get(name.split()[0])
    return kind(kind.Parameters().changed({"release": "extended"} if name == EXTENDED else {}))


def _written(name: str, root: Path) -> Path:
    write_mock(adapter(name), root, subjects=2, clips=3, frames="key")
    return root


def _blank(_: object, numbers: Sequence[int], size: tuple[int, int] = (8, 8)) -> np.ndarray:
    return np.zeros((len(numbers), 2, 2, 3), dtype=np.uint8)


def looked_at(tree: Tree) -> None:
    """The table is asked for in every way that a run asks, and each answer is one or a sentence."""
    for revision in REVISIONS:
        source = Source(dataset=adapter(tree.name), root=tree.root, corrections=revision)
        table = None
        try:
            table = source.annotations().table
            for _, row in table.iterrows():
                source.dataset.frames(tree.root, clip_of(source.dataset.name, row))
            labelled([source], None, "middle")
        except MerbenchError as refusal:
            assert len(str(refusal)) > 20  # noqa: PT017 - that it is a sentence is what is tested
            assert "Traceback" not in str(refusal)  # noqa: PT017
        if table is not None:
            _require_sound(tree.name, table)


def _require_sound(name: str, table: pd.DataFrame) -> None:
    """What holds of every table that is read, however damaged its file is."""
    assert set(COLUMNS) <= set(table.columns)
    assert len(table)
    assert all(isinstance(parse(cell), tuple) for cell in table["action_units"])
    if name in SUBJECTS:
        assert table["subject"].str.fullmatch(SUBJECTS[name]).all()
        assert not table.duplicated(["subject", "clip", "onset"]).any()
        assert name in REVERSED or table["onset"].le(table["offset"]).all()


# --- tables -------------------------------------------------------------------------------------------------------


@st.composite
def cell_changed(draw: st.DrawFn) -> Damage:
    at, column, value = draw(SHARE), draw(SHARE), draw(CELLS)

    def change(book: Book) -> None:
        rows = _fullest(book)
        row = rows[int(at * len(rows))]
        if row:
            row[int(column * len(row))] = value

    return change


@st.composite
def column_changed(draw: st.DrawFn) -> Damage:
    at, what, value = draw(SHARE), draw(st.sampled_from(["delete", "blank", "fill", "repeat", "rename"])), draw(CELLS)

    def change(book: Book) -> None:
        rows = _fullest(book)
        place = int(at * max(map(len, rows)))
        head = max(range(len(rows)), key=lambda number: sum(isinstance(cell, str) for cell in rows[number]))
        for number, row in enumerate(rows):
            if place < len(row):
                if what == "delete":
                    del row[place]
                elif what == "repeat":
                    row.append(row[place])
                elif number == head and what == "rename":
                    row[place] = value
                elif number > head and what in ("blank", "fill"):
                    row[place] = None if what == "blank" else value

    return change


@st.composite
def row_changed(draw: st.DrawFn) -> Damage:
    at, to, what = (
        draw(SHARE),
        draw(SHARE),
        draw(st.sampled_from(["delete", "repeat", "blank", "short", "move", "cut"])),
    )

    def change(book: Book) -> None:
        rows = _fullest(book)
        place, target = int(at * len(rows)), int(to * len(rows))
        if what == "delete":
            del rows[place]
        elif what == "repeat":
            rows.insert(target, list(rows[place]))
        elif what == "blank":
            rows.insert(place, [])
        elif what == "short":
            del rows[place][int(to * len(rows[place])) :]
        elif what == "move":
            rows.insert(target, rows.pop(place))
        else:
            del rows[place:]

    return change


@st.composite
def sheet_changed(draw: st.DrawFn) -> Damage:
    what, name = draw(st.sampled_from(["rename", "empty", "second", "first", "wrong"])), draw(st.sampled_from("ab"))

    def change(book: Book) -> None:
        kept = dict(book)
        book.clear()
        if what == "first":
            book["Notes"] = [["remarks"], [1]]
        for title, rows in kept.items():
            book[f"{title[:20]}{name}" if what == "rename" else title] = [] if what == "empty" else rows
        if what == "second":
            book["Again"] = [list(row) for row in _fullest(kept)]
        if what == "wrong":
            book.clear()
            book["Sheet1"] = [["a", "b"], [1, 2]]

    return change


DAMAGE = st.lists(cell_changed() | column_changed() | row_changed() | sheet_changed(), min_size=1, max_size=3)
BYTES = st.tuples(SHARE, st.lists(st.tuples(SHARE, st.integers(0, 255)), max_size=4))


def _fullest(book: Book) -> list[list[object]]:
    return max(book.values(), key=lambda rows: sum(map(len, rows))) or [[]]


def _read(path: Path) -> Book:
    if path.suffix == ".csv":
        return {path.stem: [list(line.split(",")) for line in path.read_text().splitlines()]}
    book = load_workbook(path)
    return {sheet.title: [list(row) for row in sheet.values] for sheet in book.worksheets}


def _write(path: Path, book: Book) -> None:
    if path.suffix == ".csv":
        lines = [",".join("" if cell is None else str(cell) for cell in row) for row in _fullest(book)]
        path.write_text("\n".join(lines), encoding="utf-8")
        return
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, rows in book.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    workbook.save(path)


def _damaged(tree: Tree, tmp: Path, which: float) -> tuple[Tree, Path]:
    """A copy of the tables of a tree, in a folder of its own, and the one that is to be damaged."""
    shutil.rmtree(tmp, ignore_errors=True)
    for path in tree.tables:
        copy = tmp / path.relative_to(tree.root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    table = tree.tables[int(which * len(tree.tables))]
    return Tree(name=tree.name, root=tmp, tables=tree.tables), tmp / table.relative_to(tree.root)


LIGHT = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.mark.parametrize("name", ADAPTERS)
def test_cells_columns_rows_and_sheets(
    name: str, trees: Callable[[str], Tree], tmp_path_factory: pytest.TempPathFactory
) -> None:
    tree, tmp = trees(name), tmp_path_factory.mktemp("damaged") / "tree"
    if not tree.tables:
        pytest.skip(f"{name} has no table")

    @LIGHT
    @given(which=SHARE, damage=DAMAGE)
    def check(which: float, damage: list[Damage]) -> None:
        copy, path = _damaged(tree, tmp, which)
        book = _read(path)
        for change in damage:
            change(book)
        _write(path, book)
        looked_at(copy)

    check()


@pytest.mark.parametrize("name", ADAPTERS)
def test_bytes(name: str, trees: Callable[[str], Tree], tmp_path_factory: pytest.TempPathFactory) -> None:
    tree, tmp = trees(name), tmp_path_factory.mktemp("damaged") / "tree"
    if not tree.tables:
        pytest.skip(f"{name} has no table")

    @LIGHT
    @given(which=SHARE, bytes_=BYTES)
    def check(which: float, bytes_: tuple[float, list[tuple[float, int]]]) -> None:
        copy, path = _damaged(tree, tmp, which)
        content, (kept, swaps) = bytearray(path.read_bytes()), bytes_
        for at, value in swaps:
            content[int(at * len(content))] = value
        path.write_bytes(content if swaps and kept < 0.5 else content[: int(kept * len(content))])
        looked_at(copy)

    check()


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_table_of_another_kind(name: str, trees: Callable[[str], Tree], tmp_path: Path) -> None:
    tree = trees(name)
    for number, ending in enumerate((".xlsx", ".xls", ".csv")):
        for content in (b"", b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1") * 64, b"\xff\xfe\x00", b"a,b\n1,2\n"):
            root = tmp_path / f"{number}-{len(content)}"
            root.mkdir()
            (root / (tree.tables[0].stem if tree.tables else "labels")).with_suffix(ending).write_bytes(content)
            with pytest.raises(MerbenchError):
                Source(dataset=adapter(name), root=root).annotations()


# --- one cell -----------------------------------------------------------------------------------------------------

#: Where the columns of an adapter's workbook are: the headers, or the places where there are none.
COLUMNS_OF: dict[str, tuple[str, ...]] = {
    "4dme": ("sub_ID", "fold_name", "Onset", "Apex", "Offset", "Emotion"),
    "cas-me-2": (
        *("column A (participant)", "column B (clip)", "column C (onset)"),
        *("column D (apex)", "column E (offset)", "column G (estimated emotion)"),
    ),
    "cas-me-3a": ("Subject", "Filename", "Onset", "Apex", "Offset", "emotion"),
    "cas-me-3c": ("sub", "count", "onset", "", "offset", "emotion"),
    "casme": ("Subject", "Filename", "OnsetF", "ApexF1", "OffsetF", "Emotion"),
    "casme2": ("Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Estimated Emotion"),
    "dfme": ("Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Emotion"),
    "mmew": ("Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Estimated Emotion"),
    "samm": ("Subject", "Filename", "Onset Frame", "Apex Frame", "Offset Frame", "Estimated Emotion"),
    EXTENDED: ("Subject", "Filename", "OnsetF", "", "OffsetF", "Emotion"),
}
SUBJECT, CLIP, ONSET, APEX, OFFSET, EMOTION = range(6)
_TO_99, _TO_999 = "must be a number from 1 to 99", "must be a number from 1 to 999"
#: What a subject must be, as messages say it.
SUBJECT_RULES = {
    "4dme": "must be the name of a folder",
    **dict.fromkeys(("cas-me-2", "cas-me-3c", "casme", "casme2", "mmew", EXTENDED), _TO_99),
    **dict.fromkeys(("cas-me-3a", "dfme", "samm"), _TO_999),
}
with_workbook = pytest.mark.parametrize("name", COLUMNS_OF)


@dataclass(frozen=True)
class Opened:
    """A copy of a mock's workbook, with the place of its first clip."""

    path: Path
    book: Book
    sheet: str
    row: int
    places: dict[int, int]

    @property
    def rows(self) -> list[list[object]]:
        return self.book[self.sheet]


def opened(name: str, trees: Callable[[str], Tree], tmp: Path) -> Opened:
    """The workbook that `COLUMNS_OF` describes; its headers stand where the mock has them."""
    for table in trees(name).tables:
        book = _read(table)
        sheet = max(book, key=lambda title: sum(map(len, book[title])))
        if name == "cas-me-2":
            row = next(at for at, cells in enumerate(book[sheet]) if cells[7] == "micro-expression")
            places = {SUBJECT: 0, CLIP: 1, ONSET: 2, APEX: 3, OFFSET: 4, EMOTION: 6}
            return Opened(path=tmp / table.name, book=book, sheet=sheet, row=row, places=places)
        heads = [at for at, cells in enumerate(book[sheet]) if COLUMNS_OF[name][ONSET] in cells]
        if heads:
            places = {at: book[sheet][heads[0]].index(header) for at, header in enumerate(COLUMNS_OF[name]) if header}
            return Opened(path=tmp / table.name, book=book, sheet=sheet, row=heads[0] + 1, places=places)
    raise AssertionError(f"{name} has no workbook with {COLUMNS_OF[name]}")


def refusal(name: str, workbook: Opened) -> str:
    _write(workbook.path, workbook.book)
    with pytest.raises(AnnotationError) as refused:
        adapter(name).table(workbook.path.parent)
    return str(refused.value)


@with_workbook
@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        (SUBJECT, "a/b", None),
        (SUBJECT, 1000, None),
        (SUBJECT, None, None),
        (CLIP, "a/b", "must be the name of a folder"),
        (CLIP, "../x", "must be the name of a folder"),
        (ONSET, "abc", "must be a whole number from 0 to 999999999"),
        (ONSET, 1.5, "must be a whole number from 0 to 999999999"),
        (ONSET, None, "must be a whole number from 0 to 999999999"),
        (APEX, "x", "must be a whole number from 0 to 999999999"),
        (OFFSET, "abc", "must be a whole number from 0 to 999999999"),
        (EMOTION, None, "must not be empty"),
    ],
)
def test_a_bad_cell_is_named(
    name: str, column: int, value: object, rule: str | None, trees: Callable[[str], Tree], tmp_path: Path
) -> None:
    workbook = opened(name, trees, tmp_path)
    if column not in workbook.places:
        pytest.skip(f"{name} has no such column")
    if rule is None:
        rule = SUBJECT_RULES[name] if value is not None or name == "cas-me-2" else "must not be empty"
        if name == "4dme" and value == 1000:
            pytest.skip("any name of a folder is a subject")
    if name == "cas-me-2" and column == EMOTION:
        rule = "must be a word"
    if name == EXTENDED and column == CLIP:
        rule = "must be"
    workbook.rows[workbook.row][workbook.places[column]] = value
    shown = "" if value is None else str(value)
    place = f"{workbook.path}, sheet {workbook.sheet!r}, row {workbook.row + 1}: {COLUMNS_OF[name][column]}"
    assert refusal(name, workbook).startswith(f"{place} is {shown!r}, but it {rule}")


@pytest.mark.parametrize("name", [name for name in COLUMNS_OF if name not in REVERSED])
def test_an_onset_after_the_offset_is_refused(name: str, trees: Callable[[str], Tree], tmp_path: Path) -> None:
    workbook = opened(name, trees, tmp_path)
    cells = workbook.rows[workbook.row]
    offset = int(float(str(cells[workbook.places[OFFSET]])))
    cells[workbook.places[ONSET]] = offset + 1
    header, last = COLUMNS_OF[name][ONSET], COLUMNS_OF[name][OFFSET]
    sentence = f"{header} is '{offset + 1}', but it must not lie after {last}, which is {offset}; correct the cell"
    assert f"row {workbook.row + 1}: {sentence}" in refusal(name, workbook)


@with_workbook
def test_a_clip_that_is_there_twice_is_refused(name: str, trees: Callable[[str], Tree], tmp_path: Path) -> None:
    workbook = opened(name, trees, tmp_path)
    workbook.rows.insert(workbook.row, list(workbook.rows[workbook.row]))
    sentence = refusal(name, workbook)
    assert f"row {workbook.row + 2}: " in sentence
    assert f"stands in row {workbook.row + 1} too, with subject " in sentence
    assert sentence.endswith("and must be there once; delete one of the two rows.")


@with_workbook
@pytest.mark.parametrize("column", range(6))
def test_a_missing_column_is_named(name: str, column: int, trees: Callable[[str], Tree], tmp_path: Path) -> None:
    workbook = opened(name, trees, tmp_path)
    if column not in workbook.places or name == "cas-me-2":
        pytest.skip(f"{name} has no such header")
    workbook.rows[workbook.row - 1][workbook.places[column]] = None
    assert f"there is no {COLUMNS_OF[name][column]}; add" in refusal(name, workbook)


@pytest.mark.parametrize("name", [name for name in COLUMNS_OF if name != "cas-me-2"])
def test_a_table_without_rows_is_refused(name: str, trees: Callable[[str], Tree], tmp_path: Path) -> None:
    workbook = opened(name, trees, tmp_path)
    del workbook.rows[workbook.row :]
    assert "there is no row below the headers" in refusal(name, workbook)


# --- folders ------------------------------------------------------------------------------------------------------

#: Of these there are many, and one is like another.
FRAMES = (".jpg", ".png", ".bmp")
NAMES = st.one_of(
    st.sampled_from(
        ["x", "s1", "s01", "s1_ne_01", "micro", "negative", "Thumbs.db", "image000001.bmp", " ", "日本", "HS"]
    ),
    st.text(
        st.characters(categories=("L", "N"), include_characters="_-. ", max_codepoint=0x17F), min_size=1, max_size=8
    ),
).filter(lambda name: name.strip(". ") != "")


@pytest.mark.parametrize("name", ADAPTERS)
def test_folders_renamed_deleted_or_replaced_by_files(
    name: str, trees: Callable[[str], Tree], tmp_path_factory: pytest.TempPathFactory
) -> None:
    tree, tmp = trees(name), tmp_path_factory.mktemp("damaged") / "tree"

    @settings(LIGHT, max_examples=EXAMPLES // 2)
    @given(at=SHARE, to=NAMES, what=st.sampled_from(["rename", "delete", "file"]))
    def check(at: float, to: str, what: str) -> None:
        shutil.rmtree(tmp, ignore_errors=True)
        shutil.copytree(tree.root, tmp, copy_function=os.link)  # which is quick, and no file is written to
        found = sorted(tmp.rglob("*"))
        places = [path for path in found if path.suffix not in FRAMES or at > 0.9]
        path = places[int(at * len(places))]
        target = path.with_name(to)
        if what == "rename" and not target.exists():
            path.rename(target)
        elif what != "rename":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            if what == "file":
                path.touch()  # anew: the link is gone
        looked_at(Tree(name=name, root=tmp, tables=()))

    check()
