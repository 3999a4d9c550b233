"""CASME II in full size, in its three states: the counts that must come out, and its ledger of mends."""

import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from merbench.data.labelled_clips import LabelledClips
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.datasets.casme2 import Casme2
from merbench.datasets.casme2.mock import CroppedClip
from merbench.errors import AnnotationError, DataError
from merbench.synthetic.mock_clips import Extent
from merbench.synthetic.mock_tree import write_mock

STATES = ("2014", "2019", "256-row")
MOVED = ["24/EP07_01", "24/EP07_04f", "24/EP10_03"]


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A full table without frames in each state."""
    found = {}
    for state in STATES:
        found[state] = tmp_path_factory.mktemp(f"casme2-{state}")
        adapter = Casme2(Casme2.Parameters(mock_state=state))
        write_mock(adapter, found[state], subjects=1, clips=1, full=True, frames="none")
    return found


def task_of(root: Path, scheme: str) -> LabelledClips:
    """The task of a scheme; the one missing apex becomes the middle."""
    return labelled([Source(dataset=Casme2(), root=root)], scheme, "middle")


@pytest.mark.parametrize("state", STATES)
def test_the_full_table_is_known_as_whole(roots: dict[str, Path], state: str) -> None:
    annotations = Casme2().table(roots[state])
    known = Casme2.known[state]
    assert annotations.state == state
    assert (len(annotations.table), known.clips) == ((256, 256) if state == "256-row" else (255, 255))
    assert Counter(annotations.table["emotion"]) == known.emotions
    assert annotations.table["subject"].nunique() == known.subjects == 26
    unclassed = "CASME2-ObjectiveClasses.xlsx: it has no objective class of 24/EP02_07."
    assert [note.rpartition("/CASME2")[1] != "" for note in annotations.notes] == [True] * (state == "256-row")
    assert all(note.endswith(unclassed) for note in annotations.notes)


@pytest.mark.parametrize(
    ("scheme", "clips", "subjects"),
    [
        ("5-class", (246, 249, 247), 26),
        ("3-class-megc2019", (145, 145, 145), 24),
        ("3-class", (147, 150, 148), 24),
        ("3-class-mmnet", (156, 156, 157), 25),
        ("4-class", (147, 150, 148), 24),
        ("7-class", (255, 255, 256), 26),
        ("objective", (185, 185, 185), 26),
    ],
)
def test_every_scheme_gives_its_clips_and_subjects(
    roots: dict[str, Path], scheme: str, clips: tuple[int, ...], subjects: int
) -> None:
    declared = Casme2.scheme(scheme)
    for state, total in zip(STATES, clips, strict=True):
        task = task_of(roots[state], scheme)
        assert (len(task.clips), len(task.subjects)) == (total, subjects)
        assert task.counts == declared.counts[state]
        assert declared.subjects[state] == subjects


def test_the_class_counts_of_the_literature(roots: dict[str, Path]) -> None:
    megc = task_of(roots["2019"], "3-class-megc2019")
    assert megc.counts == {"negative": 88, "positive": 32, "surprise": 25}
    lost = {entry.key.removeprefix("casme2/").rpartition("/")[0] for entry in megc.left_out}
    assert {"04/EP12_01f", "05/EP09_05f", *MOVED} <= lost
    mmnet = task_of(roots["2019"], "3-class-mmnet")
    assert mmnet.counts == {"happiness": 32, "surprise": 28, "negative": 96}
    assert ("casme2/18" in mmnet.subjects, "casme2/10" in mmnet.subjects) == (False, True)
    assert task_of(roots["2019"], "objective").counts == {"I": 25, "II": 15, "III": 99, "IV": 26, "V": 20}
    assert task_of(roots["2019"], "objective-2019").counts == {"I": 30, "II": 18, "III": 93, "IV": 15, "V": 18}
    assert task_of(roots["2014"], "5-class").counts == {
        "happiness": 32, "surprise": 25, "disgust": 63, "repression": 27, "others": 99
    }  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_the_table_has_the_shapes_of_the_real_one(roots: dict[str, Path], state: str) -> None:
    table = Casme2().table(roots[state]).table.set_index(["subject", "clip"])
    shapes = Counter(re.sub("[0-9]", "9", name) for _, name in table.index if name != "EP02_07")
    shapes["EP99_99"] += ("24", "EP02_07") in table.index and state != "256-row"
    assert shapes == {"EP99_99": 179, "EP99_99f": 71, "EP99_9": 2, "EP99_99_99": 2, "EP99f": 1}
    assert list(table.loc["18", "emotion"]) == ["others"] * 3
    assert set(table.loc["10", "emotion"]) == {"others", "sadness", "fear"}
    assert pd.isna(table.loc[("04", "EP12_01f"), "apex"])
    assert list(table.loc[("05", "EP09_05f"), ["onset", "apex"]]) == [69, 69]
    assert (("24", "EP02_07") in table.index) == (state == "256-row")
    uncoded = table.index[table["action_units_annotated"] == "?"]
    assert len(uncoded) == (0 if state == "2019" else 5)
    assert set(table.loc[uncoded, "action_units"]) <= {""}
    lengths = table["offset"] - table["onset"] + 1
    assert (lengths.min() >= 24, lengths.max() <= 141, 58 <= lengths.median() <= 64) == (True, True, True)


def test_states_differ_in_the_rows_that_tell_them_apart_only(roots: dict[str, Path]) -> None:
    old, new, more = (Casme2().table(roots[state]).table for state in STATES)
    columns = ["subject", "clip", "onset", "apex", "offset", "emotion"]
    moved = (old["subject"] + "/" + old["clip"]).isin(MOVED)
    assert set(old.loc[moved, "emotion"]) == {"sadness"}
    assert set(new.loc[moved, "emotion"]) == {"surprise"}
    pd.testing.assert_frame_equal(old.loc[~moved, columns], new.loc[~moved, columns])
    surplus = more["clip"].eq("EP02_07") & more["subject"].eq("24")
    assert more.loc[surplus, columns].to_numpy().tolist() == [["24", "EP02_07", 61, 91, 106, "disgust"]]
    pd.testing.assert_frame_equal(old[columns], more.loc[~surplus, columns].reset_index(drop=True))


@pytest.mark.parametrize("state", STATES)
def test_mends_change_two_offsets_and_nothing_else(roots: dict[str, Path], state: str) -> None:
    before = Source(dataset=Casme2(), root=roots[state]).annotations()
    after = Source(dataset=Casme2(), root=roots[state], corrections="merbench-1").annotations()
    assert (len(before.corrected), len(after.corrected), len(Casme2.corrections)) == (0, 2, 2)
    rows = before.table["subject"] + "/" + before.table["clip"]
    expected = before.table.copy()
    for clip, old, new in (("12/EP09_06", 111, 106), ("16/EP01_08", 110, 96)):
        assert before.table.loc[rows == clip, "offset"].tolist() == [old]
        expected.loc[rows == clip, "offset"] = new
    pd.testing.assert_frame_equal(after.table, expected)


def test_clips_that_mends_or_policies_change_have_every_frame() -> None:
    clips = Casme2().plan_mock(Extent(subjects=1, clips=1, seed=0, frames="key", full=True))
    named = {clip.row.name: clip for clip in clips}
    short = named["16/EP01_08"]
    assert isinstance(short, CroppedClip)
    assert (short.cropped_to, short.numbers("key"), short.numbers("none")) == (96, list(range(50, 111)), [])
    assert named["12/EP09_06"].numbers("key")[-6:] == [106, 107, 108, 109, 110, 111]


# --- the class file -----------------------------------------------------------------------------------------------


def changed(root: Path, out: Path, change: dict[str, object], names: tuple[str, ...] = ()) -> Path:
    """A copy of a tree whose class file has other cells, by place such as ``C2``, and lies there under `names`."""
    out.mkdir(exist_ok=True)
    for path in root.glob("CASME2-coding*"):
        (out / path.name).write_bytes(path.read_bytes())
    workbook = load_workbook(root / "CASME2-ObjectiveClasses.xlsx")
    for place, cell in change.items():
        workbook["Sheet1"][place] = cell
    for name in names or ("CASME2-ObjectiveClasses.xlsx",):
        workbook.save(out / name)
    return out


def test_the_class_file_looks_as_distributed(roots: dict[str, Path]) -> None:
    workbook = load_workbook(roots["2014"] / "CASME2-ObjectiveClasses.xlsx")
    header, *rows = workbook["Sheet1"].iter_rows(values_only=True)
    assert header == ("Subject", "Filename", "Objective Class")
    assert Counter(row[2] for row in rows) == {1: 25, 2: 15, 3: 99, 4: 26, 5: 20, 6: 1, 7: 69}
    assert len(list(workbook["Sheet2"].iter_rows())) == 10


def test_without_the_class_file_its_scheme_is_refused_and_the_others_are_not(
    roots: dict[str, Path], tmp_path: Path
) -> None:
    changed(roots["2014"], tmp_path, {})
    (tmp_path / "CASME2-ObjectiveClasses.xlsx").unlink()
    assert len(task_of(tmp_path, "5-class").clips) == 246
    with pytest.raises(AnnotationError) as refusal:
        task_of(tmp_path, "objective")
    assert str(refusal.value) == (
        "casme2: scheme 'objective' takes its classes from the column objective_class_2018, which this annotation "
        "does not have; it comes from the class file of MEGC 2018, CASME2-ObjectiveClasses.xlsx, in the folder of the "
        "annotation workbook. Provide that, or choose another --scheme."
    )
    with pytest.raises(AnnotationError, match="from the column Objective Classes of CASME2-coding-20190701"):
        task_of(tmp_path, "objective-2019")


def test_roman_cells_and_another_name_are_understood(roots: dict[str, Path], tmp_path: Path) -> None:
    rows = load_workbook(roots["2014"] / "CASME2-ObjectiveClasses.xlsx")["Sheet1"].iter_rows(values_only=True)
    roman = ("", "I", "II", "III", "IV", "V", "VI", "VII")
    cells = {f"C{at}": roman[row[2]] for at, row in enumerate(rows, start=1) if at > 1}
    changed(roots["2014"], tmp_path, cells, ("classes.xlsx",))
    assert Casme2().table(tmp_path).notes == ()
    assert task_of(tmp_path, "objective").counts == {"I": 25, "II": 15, "III": 99, "IV": 26, "V": 20}


def test_rows_that_do_not_match_are_said(roots: dict[str, Path], tmp_path: Path) -> None:
    changed(roots["2014"], tmp_path, {"B2": "EP99_99"})
    lacking, surplus = Casme2().table(tmp_path).notes
    assert re.search(r"ObjectiveClasses.xlsx: it has no objective class of 01/EP[0-9_f]+\.$", lacking)
    assert surplus.endswith("the annotation has no clip for its row of 01/EP99_99.")


@pytest.mark.parametrize(
    ("change", "names", "sentence"),
    [
        ({"A2": "x"}, (), "row 2: Subject is 'x', but it must be a number from 1 to 99"),
        ({"B3": "=B2"}, (), "row 3: Filename is '', but it must not be empty"),
        ({"C1": "Class"}, (), "there is no Objective Class; add what is lacking"),
        ({}, ("a.xlsx", "b.xlsx"), "several files of objective classes in .*: a.xlsx, b.xlsx; there must be one"),
    ],
)
def test_a_class_file_that_cannot_be_used_is_refused(
    roots: dict[str, Path], tmp_path: Path, change: dict[str, object], names: tuple[str, ...], sentence: str
) -> None:
    changed(roots["2014"], tmp_path, change, names)
    with pytest.raises(AnnotationError, match=sentence):
        Casme2().table(tmp_path)


def test_two_classes_of_one_clip_are_refused(roots: dict[str, Path], tmp_path: Path) -> None:
    sheet = load_workbook(roots["2014"] / "CASME2-ObjectiveClasses.xlsx")["Sheet1"]
    again = {"A3": sheet["A2"].value, "B3": sheet["B2"].value, "C3": 8}
    changed(roots["2014"], tmp_path, again)
    with pytest.raises(
        AnnotationError, match=r"row 3: Objective Class is '8', but it must be '[1-7]', as in an earlier"
    ):
        Casme2().table(tmp_path)


def test_a_damaged_class_file_is_refused(roots: dict[str, Path], tmp_path: Path) -> None:
    changed(roots["2014"], tmp_path, {})
    (tmp_path / "CASME2-ObjectiveClasses.xlsx").write_bytes(b"PK")
    with pytest.raises(AnnotationError, match=r"ObjectiveClasses.xlsx: it cannot be read as an .xlsx workbook"):
        Casme2().table(tmp_path)
    (tmp_path / "CASME2-ObjectiveClasses.xlsx").write_bytes(
        (roots["2019"] / "CASME2-coding-20190701.xlsx").read_bytes()
    )
    with pytest.raises(AnnotationError, match=r"several annotation workbooks"):
        Casme2().table(tmp_path)
    chosen = Casme2(Casme2.Parameters(coding="CASME2-coding-20140508.xlsx"))
    with pytest.raises(AnnotationError, match=r"but bears the name of the class file; rename it"):
        chosen.table(tmp_path)


ODD = st.sampled_from([None, "", "?", "nan", "=1/0", "=A1", -1, 0, 1.5, 1e300, True, "VIII", "sub99", "../x"])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(swaps=st.dictionaries(st.sampled_from(["A1", "C1", "A2", "B2", "C2", "A3", "D1"]), ODD, max_size=3))
def test_any_damage_of_the_class_file_is_read_or_refused(small: Path, tmp_path: Path, swaps: dict[str, object]) -> None:
    changed(small, tmp_path, swaps)
    try:
        table = Casme2().table(tmp_path).table
    except DataError:
        return
    assert len(table) == 4
    assert table["objective_class_2018"].map(type).eq(str).all()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of four clips."""
    out = tmp_path_factory.mktemp("casme2-small")
    write_mock(Casme2(), out, subjects=2, clips=2, frames="none")
    return out
