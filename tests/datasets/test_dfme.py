"""DFME: its three workbooks, its fixed split, its frame files, its mock tree, and what is refused."""

import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook, load_workbook
from PIL import Image

import merbench.synthetic.rendering
from merbench.annotations.clips import COLUMNS, Annotations, Clip, clip_of
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.datasets.dfme import Dfme
from merbench.datasets.dfme.annotation import split_named
from merbench.errors import AnnotationError, DataError, FrameError, MissingData
from merbench.protocol import checked_folds
from merbench.registry import datasets, protocols

Line = list[object]

HEADERS: Line = [
    "Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Emotion", "EmotionId", "Fps", "AU"
]  # fmt: skip
TRAIN, TEST_A, TEST_B = "training_full_with_AU.xlsx", "testA_full_with_AU.xlsx", "testB_full_with_AU.xlsx"
#: As the files have them: clips by emotion in the order of EmotionId, subjects, clips at 500, 300 and 200 frames/s.
EMOTIONS = ["anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise"]
FACTS = {
    "train": ([161, 100, 548, 265, 206, 278, 298], 176, [695, 605, 556]),
    "testA": ([39, 34, 129, 62, 63, 46, 101], 42, [215, 143, 116]),
    "testB": ([41, 37, 58, 38, 42, 35, 48], 41, [83, 57, 159]),
}


def line(clip: str, emotion: str = "anger", units: object = "4+7", fps: object = 500, **changes: object) -> Line:
    """One row of a workbook, by the clip's name."""
    cells = dict(zip(map(str, HEADERS), [clip[:7], clip, 0, 40, 90, emotion, "", fps, units], strict=True))
    cells["EmotionId"] = EMOTIONS.index(emotion) if emotion in EMOTIONS else ""
    return list({**cells, **changes}.values())


def save(path: Path, *lines: Line, headers: Line = HEADERS) -> Path:
    """A workbook of those rows."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "Sheet1"
    for row in (headers, *lines):
        sheet.append(row)
    path.parent.mkdir(exist_ok=True, parents=True)
    workbook.save(path)
    return path


def read(root: Path, *lines: Line) -> Annotations:
    """The annotations of a training workbook of those rows."""
    save(root / TRAIN, *lines)
    return Dfme().table(root)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("dfme")
    Dfme().mock(root, subjects=1, clips=1, seed=0, frames="none", full=True)
    return root


# --- the whole table ----------------------------------------------------------------------------------------------


def test_the_whole_table_has_the_counts_of_the_files(whole: Path) -> None:
    annotations = Dfme().table(whole)
    table = annotations.table
    assert (annotations.state, len(table), table["subject"].nunique()) == ("train+testA+testB", 2629, 259)
    assert annotations.notes == ()
    for split, (clips, subjects, rates) in FACTS.items():
        part = table[table["split"] == split]
        assert Counter(part["emotion"]) == dict(zip(EMOTIONS, clips, strict=True))
        assert part["subject"].nunique() == subjects
        assert Counter(part["fps"]) == dict(zip([500.0, 300.0, 200.0], rates, strict=True))
    assert (table["onset"] == 0).mean() == pytest.approx(0.5, abs=0.05)
    assert table["onset"].lt(table["apex"]).all()
    assert table["apex"].lt(table["offset"]).all()
    assert (table["offset"] - table["onset"]).max() == 270


@pytest.mark.parametrize(
    ("lacking", "state", "clips", "subjects"),
    [
        ((TEST_B,), "train+testA", 2330, 218),
        ((TRAIN,), "testA+testB", 773, 83),
        ((TEST_A, TEST_B), "train", 1856, 176),
        ((TRAIN, TEST_B), "testA", 474, 42),
        ((TRAIN, TEST_A), "testB", 299, 41),
    ],
)
def test_any_subset_of_the_workbooks_loads(
    whole: Path, tmp_path: Path, lacking: tuple[str, ...], state: str, clips: int, subjects: int
) -> None:
    for name in {TRAIN, TEST_A, TEST_B} - set(lacking):
        shutil.copy(whole / name, tmp_path)
    annotations = Dfme().table(tmp_path)
    table = annotations.table
    assert (annotations.state, len(table), table["subject"].nunique()) == (state, clips, subjects)
    assert len(annotations.notes) == 1
    assert all(name in annotations.notes[0] for name in lacking)
    assert (Dfme.known[state].clips, Dfme.known[state].subjects) == (clips, subjects)
    for scheme in Dfme.schemes:
        assert Counter(map(scheme.mapping.get, table["emotion"])) == dict(scheme.counts[state])
        assert scheme.subjects[state] == subjects


def test_the_schemes_by_hand() -> None:
    assert Dfme.scheme(None).classes == tuple(EMOTIONS)
    assert dict(Dfme.scheme(None).counts["train"]) == dict(zip(EMOTIONS, FACTS["train"][0], strict=True))
    assert dict(Dfme.scheme("3-class").counts["train"]) == {"negative": 1352, "positive": 206, "surprise": 298}
    assert Dfme.scheme("3-class").classes == datasets.get("mmew").scheme("3-class").classes


def test_the_protocol_of_the_fixed_split(whole: Path) -> None:
    task = labelled([Source(dataset=Dfme(), root=whole)], None, "middle")
    folds = checked_folds(protocols.get("fixed")(), task.clips)
    assert [(fold.name, len(fold.train), len(fold.test)) for fold in folds] == [
        ("testA", 1856, 474),
        ("testB", 1856, 299),
    ]


# --- reading ------------------------------------------------------------------------------------------------------


def test_the_columns(tmp_path: Path) -> None:
    table = read(tmp_path, line("sub0003_01", "Happiness", 12), line("sub0003_02", units="R4+AD38+M57", fps=200)).table
    assert tuple(table.columns) == (*COLUMNS, "action_units_annotated", "split")
    assert table["subject"].tolist() == ["sub0003"] * 2
    assert table["emotion"].tolist() == ["happiness", "anger"]
    assert table["action_units"].tolist() == ["12", "R4+38+57"]
    assert (table["fps"].tolist(), table["fps"].dtype, table["apex"].dtype) == ([500.0, 200.0], "float64", "Int64")


@pytest.mark.parametrize("cell", ["sub0003", "3", 3, "sub3"])
def test_a_subject_is_spelled_as_its_folders_are(tmp_path: Path, cell: object) -> None:
    annotations = read(tmp_path, line("sub0003_01", Subject=cell))
    assert annotations.table["subject"].tolist() == ["sub0003"]
    assert not any("another subject" in note for note in annotations.notes)


@pytest.mark.parametrize(
    ("name", "split"),
    [
        (TRAIN, "train"),
        (TEST_A, "testA"),
        ("DFME_test_B_full_with_AU.xlsx", "testB"),
        ("DFME_train", "train"),
        ("train_data", "train"),
        ("test_data_A", "testA"),
        ("Test b", "testB"),
        ("test", None),
        ("constraints", None),
        ("attestations", None),
        ("sub0003_01", None),
    ],
)
def test_the_split_that_a_name_says(name: str, split: str | None) -> None:
    assert split_named(name) == split


def test_what_is_odd_is_noted(tmp_path: Path) -> None:
    save(tmp_path / TEST_A, line("sub0003_09"))
    annotations = read(
        tmp_path, line("sub0003_01", Subject="sub0004"), line("sub0003_02", EmotionId=6), line("sub0005_01", "Joy")
    )
    told = "\n".join(annotations.notes)
    assert annotations.state == "unrecognised"
    assert "the clip's name says another subject than its row for sub0004/sub0003_01." in told
    assert "EmotionId is not that of the emotion, which is what is read, in row 3 (anger, 6)." in told
    assert "sub0003 stand in several splits" in told
    assert "there is no workbook of testB (testB_full_with_AU.xlsx)" in told


def test_other_workbooks_are_passed_over_and_the_meant_ones_can_be_named(tmp_path: Path) -> None:
    save(tmp_path / "notes.xlsx", ["x"], headers=["remarks"])
    save(tmp_path / TEST_A, line("sub0001_01"))
    annotations = read(tmp_path, line("sub0003_01"))
    assert annotations.notes[0].startswith(f"Passed over: {tmp_path / 'notes.xlsx'}")
    assert annotations.table["split"].tolist() == ["train", "testA"]
    one = Dfme(Dfme.Parameters(coding=f" {TEST_A} ,")).table(tmp_path)
    assert one.table["split"].tolist() == ["testA"]
    with pytest.raises(MissingData, match=r"dataset.coding=none.xlsx must be a file"):
        Dfme(Dfme.Parameters(coding=f"{TEST_A},none.xlsx")).table(tmp_path)


def test_what_is_no_split_or_a_split_twice_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "labels.xlsx", line("sub0003_01"))
    with pytest.raises(AnnotationError, match=r"labels.xlsx: its name must say which split it is, as training_full"):
        Dfme().table(tmp_path)
    (tmp_path / "labels.xlsx").rename(tmp_path / "train.xlsx")
    save(tmp_path / TRAIN, line("sub0003_01"))
    with pytest.raises(AnnotationError, match=r"are both the split train; a run reads one workbook a split\. Remove"):
        Dfme().table(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingData, match="no annotation workbook"):
        Dfme().table(tmp_path / "empty")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"OnsetFrame": "abc"}, "OnsetFrame is 'abc', but it must be a whole number"),
        ({"Fps": "fast"}, "Fps is 'fast', but it must be a whole number"),
        ({"Fps": 0}, "Fps is '0', but it must be 1 or more"),
        ({"Subject": "sub12345"}, "Subject is 'sub12345', but it must be a number from 1 to 999"),
        ({"Emotion": None}, "Emotion is '', but it must not be empty"),
        ({"Filename": "sub0003_01"}, "Filename is 'sub0003_01', but it stands in row 2 too, with subject sub0003"),
    ],
)
def test_a_bad_cell_is_named(tmp_path: Path, changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(AnnotationError) as refusal:
        read(tmp_path, line("sub0003_01"), line("sub0003_02", **changes))
    assert str(refusal.value).startswith(f"{tmp_path / TRAIN}, sheet 'Sheet1', row 3: {sentence}")


# --- frames and the mock --------------------------------------------------------------------------------------

CLIP = Clip(dataset="dfme", subject="sub0003", name="sub0003_01", onset=0, apex=1, offset=2)


@pytest.mark.parametrize("home", ["train", "testB", "DFME_train", "train_data/train_data", "frames/testA"])
def test_frames_lie_in_a_folder_named_for_a_split(tmp_path: Path, home: str) -> None:
    folder = tmp_path / home / "sub0003_01"
    folder.mkdir(parents=True)
    (tmp_path / "testA").mkdir(exist_ok=True)
    for name in ("Thumbs.db", "00000.png", "00001.png", "00002.png"):
        (folder / name).touch()
    assert list(Dfme().frames(tmp_path, CLIP)) == [0, 1, 2]


def test_frames_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="has no frames: looked for folders named for a split, such as train"):
        Dfme().frames(tmp_path, CLIP)
    (tmp_path / "train").mkdir()
    adapter = Dfme()
    assert adapter.frames(tmp_path, CLIP) == {}
    with pytest.raises(FrameError, match="no file for frame 0, 1"):
        adapter.read(tmp_path, CLIP, [0, 1])
    with pytest.raises(DataError, match="does not exist"):
        Dfme().frames(None, CLIP)


def test_the_stand_in_reads_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(_: object, numbers: list[int], size: tuple[int, int]) -> np.ndarray:
        return np.full((len(numbers), *size, 3), (10, 200, 30), dtype=np.uint8)

    monkeypatch.setattr(merbench.synthetic.rendering, "draw_frames", drawn)
    Dfme().mock(tmp_path, subjects=4, clips=7, seed=5)
    annotations = Dfme().table(tmp_path)
    table = annotations.table
    assert annotations.state == "train+testA+testB (part)"
    assert Counter(table["split"]) == {"train": 14, "testA": 7, "testB": 7}
    assert set(table["fps"]) == {500.0, 300.0, 200.0}
    assert {unit for cell in table["action_units_annotated"] for unit in cell.split("+")} >= {"AD38", "M57"}
    for _, row in table.iterrows():
        found = Dfme().frames(tmp_path, clip_of("dfme", row))
        assert {row["onset"], row["apex"], row["offset"]} <= set(found)
        assert len(found[row["onset"]].stem) == 5
        with Image.open(found[row["onset"]]) as image:
            assert (image.mode, image.size) == ("RGB", (112, 112))
    sheet = load_workbook(tmp_path / TRAIN)["Sheet1"]
    assert [cell.value for cell in sheet[1]] == HEADERS


def test_a_tree_of_one_subject_has_one_workbook(tmp_path: Path) -> None:
    Dfme().mock(tmp_path, subjects=1, clips=2, seed=0, frames="none")
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".xlsx") == [TRAIN]
    assert len(Dfme().table(tmp_path).table) == 2
