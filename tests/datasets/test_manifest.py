"""The user's own table: what is read, what is refused by line, and the export that it reads back."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import merbench.synthetic.rendering
from merbench.annotations.clips import COLUMNS, Annotations, Clip, clip_of
from merbench.data.export import export
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.data.verification import check
from merbench.dataset import Dataset
from merbench.datasets.dfme import Dfme
from merbench.datasets.manifest import Manifest
from merbench.errors import AnnotationError, DataError, FrameError, MissingData, UsageError
from merbench.protocol import checked_folds
from merbench.protocols.fixed import Fixed
from merbench.registry import datasets
from merbench.results.audit import audit
from merbench.synthetic.mock_tree import mark_synthetic, write_mock

HEADER = "dataset,subject,clip,onset,apex,offset,emotion"
ROW = "mine,006,EP01,10,14,20,Happy"


def save(folder: Path, *lines: str, header: str = HEADER, name: str = "clips.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def table(folder: Path, *lines: str, header: str = HEADER) -> Annotations:
    return Manifest().table(save(folder, *lines, header=header))


def refused(folder: Path, *lines: str, header: str = HEADER) -> str:
    with pytest.raises(AnnotationError) as refusal:
        table(folder, *lines, header=header)
    return str(refusal.value).removeprefix(f"{folder / 'clips.csv'}, ")


def test_the_registry_has_the_adapter() -> None:
    assert datasets.get("manifest") is Manifest


def test_the_least_table(tmp_path: Path) -> None:
    annotations = table(tmp_path, ROW, "mine,007,EP01,1,,3, sad ")
    read = annotations.table
    assert tuple(read.columns) == (*COLUMNS, "dataset")
    assert read.loc[0, ["subject", "clip", "onset", "apex", "offset", "emotion"]].tolist() == [
        "006", "EP01", 10, 14, 20, "happy"]  # fmt: skip
    assert read.loc[1, "apex"] is pd.NA
    assert (read["apex"].dtype, read["fps"].dtype, read["action_units"].tolist()) == ("Int64", "float64", ["", ""])
    assert (annotations.state, annotations.notes) == ("clips.csv, 2 rows", ())


def test_every_column(tmp_path: Path) -> None:
    header = f"{HEADER},action_units,FPS,Class,frames,landmarks,note,age"
    read = table(tmp_path, f"{ROW},4+L10,29.97,Up,here,there/{{number}}.npy,hm,033", header=header).table
    assert tuple(read.columns) == (*COLUMNS, "dataset", "class", "note", "age")
    last = read.loc[0, ["action_units", "fps", "class", "note", "age"]].tolist()
    assert last == ["4+L10", 29.97, "up", "hm", "033"]


def test_as_spreadsheet_programs_save_it(tmp_path: Path) -> None:
    text = f"\ufeff{HEADER}\n\n{ROW}\n,,,,,,\n".replace(",", ";").replace("\n", "\r\n")
    (tmp_path / "clips.csv").write_bytes(text.encode())
    assert Manifest().table(tmp_path).table["subject"].tolist() == ["006"]


def test_subjects_of_several_datasets_do_not_mix(tmp_path: Path) -> None:
    source = Source(dataset=Manifest(), root=save(tmp_path, ROW, "other,006,EP01,10,14,20,sad"))
    task = labelled([source], None, "middle")
    assert task.subjects == ("mine/006", "other/006")
    assert list(task.clips.index) == ["mine/006/EP01/10", "other/006/EP01/10"]
    assert task.clips["dataset"].tolist() == ["mine", "other"] == list(source.dataset.dataset_names(source.root))


def test_a_row_whose_offset_lies_before_its_onset_is_kept_noted_and_left_out_of_runs(tmp_path: Path) -> None:
    source = Source(dataset=Manifest(), root=save(tmp_path, ROW, "mine,1,EP01,21,,20,sad", "mine,1,EP02,2,,20,sad"))
    annotations = source.annotations()
    assert len(annotations.table) == 3
    assert "line 3 (21..20)." in annotations.notes[0]
    assert [lost.why for lost in labelled([source], None, "middle").left_out] == ["range"]


def test_the_classes_of_megc_by_emotion(tmp_path: Path) -> None:
    emotions = ("Happy", "happiness", "Sad", "repression", "surprise", "others")
    rows = [f"mine,1,c{number},1,2,3,{emotion}" for number, emotion in enumerate(emotions)]
    task = labelled([Source(dataset=Manifest(), root=save(tmp_path, *rows))], "3-class-megc2019", "middle")
    assert task.counts == {"negative": 2, "positive": 2, "surprise": 1}


def test_the_schemes(tmp_path: Path) -> None:
    path = save(tmp_path, f"{ROW},Up", "mine,1,a,1,2,3,Sad,down", "mine,1,b,1,2,3,happy,", header=f"{HEADER},class")
    source = Source(dataset=Manifest(), root=path)
    assert labelled([source], None, "middle").counts == {"happy": 2, "sad": 1}
    by_class = labelled([source], "class", "middle")
    assert by_class.counts == {"down": 1, "up": 1}
    assert [lost.reason for lost in by_class.left_out] == ["no class"]
    bare = Source(dataset=Manifest(), root=save(tmp_path, ROW))
    with pytest.raises(AnnotationError, match="from the column 'class' of the table, which has none there"):
        labelled([bare], "class", "middle")
    with pytest.raises(AnnotationError, match="from the column 'emotion' of the table, which has happy there"):
        labelled([bare], None, "middle")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("mine,,EP01,10,14,20,Happy", "subject is '', but it must not be empty"),
        ("mine,a/b,EP01,10,14,20,Happy", "subject is 'a/b', but it must be a name without slashes"),
        ("mine,1,EP01,x,14,20,Happy", "onset is 'x', but it must be a whole number from 0"),
        ("mine,1,EP01,10,-1,20,Happy", "apex is '-1', but it must be a whole number from 0"),
        ("mine,1,EP01,10,14,20,", "emotion is '', but it must not be empty"),
        ("mine,1,EP01,10,14,20,Happy,,,a{number}/b", "frames is 'a{number}/b', but it may have {number} once, in"),
        ("mine,006,EP01,10,15,21,Sad", "clip is 'EP01', but it stands in line 2 too, with the same dataset"),
    ],
)
def test_a_bad_cell_is_named_with_its_line(tmp_path: Path, row: str, sentence: str) -> None:
    assert refused(tmp_path, ROW, "", row, header=f"{HEADER},action_units,fps,frames").startswith(f"line 4: {sentence}")


def test_a_lacking_column_and_a_table_without_rows(tmp_path: Path) -> None:
    assert "there is no apex; add" in refused(tmp_path, ROW, header=HEADER.replace("apex", "top"))
    with pytest.raises(AnnotationError, match="there is no row below the headers"):
        table(tmp_path)


def test_which_file(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match=r"must hold one \.csv file, but holds none\. Name the file itself"):
        Manifest().table(tmp_path)
    path = save(tmp_path, ROW)
    assert len(Manifest().table(tmp_path).table) == len(Manifest().table(path).table) == 1
    (tmp_path / "other.CSV").touch()
    with pytest.raises(AnnotationError, match=r"but holds clips.csv, other.CSV\."):
        Manifest().table(tmp_path)
    with pytest.raises(AnnotationError, match=r"must be a file with the ending \.csv"):
        Manifest().table(path.rename(tmp_path / "clips.txt"))
    with pytest.raises(MissingData, match="does not exist"):
        Manifest().table(None)


# --- files --------------------------------------------------------------------------------------------------------


def with_files(root: Path, cell: str, *names: str) -> Source:
    """A table of one clip, frames 10..20, whose cell says where the files are."""
    (root / "in here").mkdir(exist_ok=True)
    for name in names:
        Image.fromarray(np.full((4, 5, 3), 9, np.uint8)).save(root / "in here" / name)
    return Source(dataset=Manifest(), root=save(root, f"{ROW},{cell}", header=f"{HEADER},frames"))


@pytest.mark.parametrize(
    ("cell", "taken"),
    [
        ("in here", ["img10.png", "s1_014.jpg", "20.bmp"]),
        ("./in here/", ["10.png", "0014.png"]),
        ("in here/s1_{number}_x.png", ["s1_10_x.png", "s1_0014_x.png"]),
        ("in here/{number:05d}.png", ["00010.png", "14.png"]),
    ],
)
def test_frames_of_a_folder_or_a_pattern(tmp_path: Path, cell: str, taken: list[str]) -> None:
    others = ["other.png"] if "{" not in cell else ["s2_14_x.png", "x00010.png"]
    source = with_files(tmp_path, cell, *taken, *others)
    clip = clip_of("manifest", source.dataset.table(source.root).table.loc[0])
    assert source.root is not None
    found = source.dataset.frames(source.root, clip)
    assert {number: path.name for number, path in found.items()} == dict(zip((10, 14, 20), taken, strict=False))
    assert source.dataset.read(source.root, clip, [10, 14])[1].shape == (4, 5, 3)


@pytest.mark.parametrize("cell", ["", "nowhere", "in here"])
def test_frames_that_are_not_there(tmp_path: Path, cell: str) -> None:
    source = with_files(tmp_path, cell)
    clip = clip_of("manifest", source.dataset.table(source.root).table.loc[0])
    assert source.dataset.frames(source.root, clip) == {}
    with pytest.raises(FrameError, match=rf"line 2: frames is '{cell}', but there is no file for frame 10, 11 of clip"):
        source.dataset.read(source.root, clip, [10, 11])


def test_landmarks(tmp_path: Path) -> None:
    path = save(tmp_path, f"{ROW},points/{{number}}.npy", header=f"{HEADER},landmarks")
    (tmp_path / "points").mkdir()
    np.save(tmp_path / "points/10.npy", np.arange(136).reshape(68, 2))
    np.save(tmp_path / "points/11.npy", np.zeros((5, 2)))
    (tmp_path / "points/12.npy").write_bytes(b"no array")
    adapter = Manifest()
    clip = clip_of("manifest", adapter.table(path).table.loc[0])
    points = adapter.landmarks(path, clip, 10)
    assert points is not None
    assert (points.dtype, points[1].tolist()) == ("float32", [2.0, 3.0])
    assert adapter.landmarks(path, clip, 9) is None
    with pytest.raises(FrameError, match="must be 68 points of x and y"):
        adapter.landmarks(path, clip, 11)
    with pytest.raises(FrameError, match="the landmarks cannot be read"):
        adapter.landmarks(path, clip, 12)


FLOW = f"{HEADER},flow"


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("flow/a.mat", "flow is 'flow/a.mat', but it must be one file, with an ending of .npy, .png,"),
        ("flow", "flow is 'flow', but it must be one file"),
        (f"{'x' * 300}.npy", "flow is 'xxx"),
        ("a\x00.npy", "flow is 'a\\x00.npy', but it must be a file; no file can be called so"),
    ],
)
def test_a_flow_is_one_file(tmp_path: Path, cell: str, sentence: str) -> None:
    assert refused(tmp_path, f"{ROW},{cell}", header=FLOW).startswith(f"line 2: {sentence}")


def test_a_precomputed_flow(tmp_path: Path) -> None:
    path = save(tmp_path, f"{ROW},flow/a.PNG", "mine,007,EP01,1,2,3,sad,", "mine,008,x,1,2,3,sad,b.npy", header=FLOW)
    adapter = Manifest()
    first, second, third = (clip_of("manifest", row) for _, row in adapter.table(path).table.iterrows())
    assert "flow" not in adapter.table(path).table.columns
    assert adapter.precomputed(path, second, "flow") is None
    with pytest.raises(FrameError, match=r"line 4: flow is 'b.npy', but there is no such file, seen from the table;"):
        adapter.precomputed(path, third, "flow")
    (tmp_path / "flow").mkdir()
    (tmp_path / "flow/a.PNG").touch()
    assert adapter.precomputed(path, first, "flow") == tmp_path / "flow/a.PNG"
    assert adapter.precomputed(path, first, "strain") is None


def test_flow_of_drawn_faces_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    mark_synthetic(tmp_path / "tree", "casme2")
    assert Source(dataset=Manifest(), root=save(tmp_path, f"{ROW},tree/flow/a.npy", header=FLOW)).synthetic
    assert not Source(dataset=Manifest(), root=save(tmp_path, f"{ROW},flow/a.npy", header=FLOW)).synthetic


# --- flow alone ---------------------------------------------------------------------------------------------------

FLOW_ALONE = "dataset,subject,clip,onset,apex,offset,emotion,class,flow"


def _flow_alone(tmp_path: Path) -> Path:
    """Four subjects of two classes, of whom nothing is known but flow and class."""
    rows = [f"lab,{subject},{kind},,,,,{kind},{kind}.npy" for subject in "abcd" for kind in ("calm", "wild")]
    for number, kind in enumerate(("calm", "wild")):
        np.save(tmp_path / f"{kind}.npy", np.full((2, 30, 28), float(number), dtype=np.float32))
    return save(tmp_path, *rows, header=FLOW_ALONE)


def test_a_table_of_flow_alone_runs_and_passes_its_check(tmp_path: Path) -> None:
    source = Source(dataset=Manifest(), root=_flow_alone(tmp_path))
    report = check(source, read_frames=True)
    assert not report.differs
    details = {finding.what: finding.detail for finding in report.findings}
    assert details["precomputed: flow, content"] == "8 arrays of 28x30 (u, v), in pixels, 0 is no motion"
    assert details["frames"] == "none come with 8 of 8 clips"
    run = merbench.run("flow-svm", data={"manifest": source.root}, scheme="class", out=tmp_path / "run")
    assert run.scores("last").uf1 == 1
    assert run.header.data == "manifest (given flow)"
    assert "onset or offset is unknown of 8 of 8 clips" in " ".join(run.header.notes)
    assert all(finding.verdict == "holds" for finding in audit(tmp_path / "run"))


@pytest.mark.parametrize(("method", "needs"), [("mmnet", "frames"), ("htnet", "landmarks")])
def test_a_method_that_needs_more_than_flow_says_what(tmp_path: Path, method: str, needs: str) -> None:
    with pytest.raises(FrameError, match=f"{method} needs {needs}, which 8 of 8 clips do not have .*flow-svm"):
        merbench.run(method, data={"manifest": _flow_alone(tmp_path)}, scheme="class", out=tmp_path / "run")


def test_moments_stay_needed_where_frames_are_named(tmp_path: Path) -> None:
    path = save(tmp_path, "lab,a,x,,,,happy,frames", header="dataset,subject,clip,onset,apex,offset,emotion,frames")
    with pytest.raises(AnnotationError, match="onset is '', but it must be a whole number"):
        Manifest().table(path)


def test_an_emotion_is_needed_where_no_class_is_given(tmp_path: Path) -> None:
    lines = ("lab,a,x,1,2,3,,calm", "lab,a,y,1,2,3,,")
    path = save(tmp_path, *lines, header="dataset,subject,clip,onset,apex,offset,emotion,class")
    with pytest.raises(AnnotationError, match="line 3: emotion is '', but it must not be empty"):
        Manifest().table(path)


def test_the_column_of_emotions_may_be_lacking_beside_classes_alone(tmp_path: Path) -> None:
    header = "dataset,subject,clip,onset,apex,offset"
    path = save(tmp_path, "lab,a,x,1,2,3,calm", header=f"{header},class")
    assert Manifest().table(path).table[["emotion", "class"]].values.tolist() == [["", "calm"]]
    with pytest.raises(AnnotationError, match="there is no emotion"):
        Manifest().table(save(tmp_path, "lab,a,x,1,2,3", header=header))


def test_given_and_computed_flow_are_different_tasks(tmp_path: Path) -> None:
    """The same clips and classes, once with a flow of their own."""
    write_mock(datasets.get("casme2")(), tmp_path / "tree", subjects=3, clips=4)
    export(Source(dataset=datasets.get("casme2")(), root=tmp_path / "tree"), tmp_path / "tree" / "computed.csv")
    lines = (tmp_path / "tree" / "computed.csv").read_text().splitlines()
    np.save(tmp_path / "tree" / "f.npy", np.zeros((2, 28, 28), dtype=np.float32))
    given = "\n".join([f"{lines[0]},flow", *(f"{line},f.npy" for line in lines[1:])])
    (tmp_path / "tree" / "given.csv").write_text(given)
    runs = [
        merbench.run("majority", data={"manifest": tmp_path / "tree" / f"{name}.csv"}, out=tmp_path / name)
        for name in ("computed", "given")
    ]
    assert [run.header.data for run in runs] == ["manifest (synthetic faces)", "manifest (synthetic faces, given flow)"]
    assert runs[0].header.description.labels == runs[1].header.description.labels
    assert runs[0].header.identity != runs[1].header.identity
    with pytest.raises(UsageError, match="are of different tasks"):
        merbench.compare([run.record() for run in runs])


# --- export -------------------------------------------------------------------------------------------------------


#: Adapters that have a mock tree.
DRAWABLE = [kind.name for kind in datasets.entries() if kind.mock is not Dataset.mock]


@pytest.mark.parametrize("where", ["tree/table.csv", "elsewhere/deep/table.csv"])
@pytest.mark.parametrize("name", DRAWABLE)
def test_an_export_reads_back_equal(tmp_path: Path, name: str, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _draw_nothing(monkeypatch)
    dataset = datasets.get(name)()
    write_mock(dataset, tmp_path / "tree", subjects=2, clips=7)
    _export_and_compare(Source(dataset=dataset, root=tmp_path / "tree"), tmp_path, where)


def test_an_export_keeps_the_columns_of_a_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _draw_nothing(monkeypatch)
    kind = datasets.get("casme2")
    dataset = kind(kind.Parameters().changed({"mock_state": "2019"}))
    write_mock(dataset, tmp_path / "tree", subjects=1, clips=3)
    now = _export_and_compare(Source(dataset=dataset, root=tmp_path / "tree"), tmp_path, "table.csv")
    assert "objective_class" in now.columns


def test_an_export_keeps_split_and_frame_rate(tmp_path: Path) -> None:
    write_mock(Dfme(), tmp_path / "tree", subjects=4, clips=3, frames="none")
    for split in ("train", "testA", "testB"):
        (tmp_path / "tree" / split).mkdir()
    now = _export_and_compare(Source(dataset=Dfme(), root=tmp_path / "tree"), tmp_path, "table.csv", frames=False)
    assert set(now["split"]) == {"train", "testA", "testB"}
    assert set(now["fps"]) == {500.0, 300.0, 200.0}


def _draw_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(_: object, numbers: list[int], size: tuple[int, int] = (224, 224)) -> np.ndarray:
        return np.zeros((len(numbers), 4, 5, 3), dtype=np.uint8)

    for name in ("draw_frames", "draw_raw_frames"):
        monkeypatch.setattr(merbench.synthetic.rendering, name, drawn)


def _export_and_compare(source: Source, tmp_path: Path, where: str, frames: bool = True) -> pd.DataFrame:
    dataset = source.dataset
    was = dataset.table(source.root).table
    assert export(source, tmp_path / where) == len(was)
    back = Source(dataset=Manifest(), root=tmp_path / where)
    now = back.dataset.table(back.root).table
    pd.testing.assert_frame_equal(now.drop(columns="dataset"), was.drop(columns="dataset", errors="ignore"))
    assert sorted(now["dataset"].unique()) == list(dataset.dataset_names(source.root))
    assert str(tmp_path) not in (tmp_path / where).read_text()
    clips = [clip_of("manifest", row) for _, row in now.iterrows()]
    flow_only = [clip for clip in clips if not dataset.has_frames(source.root, clip)]
    for clip in clips if not flow_only else ():
        # a folder may hold several expressions, of which an adapter may give one alone
        there = [{number: path.resolve() for number, path in each.dataset.frames(each.root, clip).items()
                  if number in clip.range} for each in (source, back)]  # fmt: skip
        assert there[0] == there[1]
        assert bool(there[0]) is frames
    for clip in flow_only:
        one, other = (each.dataset.precomputed(each.root, clip, "flow") for each in (source, back))
        assert one is not None
        assert other is not None
        assert one.resolve() == other.resolve()
    assert back.synthetic or not frames
    return now


def test_an_export_does_not_replace_a_file(tmp_path: Path) -> None:
    path = save(tmp_path, ROW)
    source = Source(dataset=Manifest(), root=path)
    with pytest.raises(UsageError, match="is there already; name another file, or delete it"):
        export(source, path)
    with pytest.raises(UsageError, match="cannot be written"):
        export(source, path / "x.csv")


def test_a_manifest_of_several_datasets_is_exported_as_it_is(tmp_path: Path) -> None:
    lines = (f"{ROW},in here,hm,points/{{number}}.npy,in here/flow.png", "other,006,EP01,10,,20,sad,,,,")
    with_files(tmp_path, "in here", "10.png", "a11.png", "flow.png")
    path = save(tmp_path, *lines, header=f"{HEADER},frames,note,landmarks,flow")
    (tmp_path / "points").mkdir()
    (tmp_path / "points/010.npy").touch()
    assert export(Source(dataset=Manifest(), root=path), tmp_path / "deep/again.csv") == 2
    assert (tmp_path / "deep/again.csv").read_text().splitlines() == [
        "dataset,subject,clip,onset,apex,offset,emotion,action_units,fps,frames,landmarks,flow,note",
        "mine,006,EP01,10,14,20,happy,,,../in here,../points/{number}.npy,../in here/flow.png,hm",
        "other,006,EP01,10,,20,sad,,,,,,",
    ]
    again = Source(dataset=Manifest(), root=tmp_path / "deep/again.csv")
    was, now = (Source(dataset=Manifest(), root=root).annotations().table for root in (path, again.root))
    pd.testing.assert_frame_equal(was, now)
    clip = clip_of("manifest", now.loc[0])
    assert list(again.dataset.landmark_files(again.root, clip)) == [10]
    flow = again.dataset.precomputed(again.root, clip, "flow")
    assert flow is not None
    assert flow.resolve() == tmp_path / "in here/flow.png"


def test_an_export_refuses_files_whose_names_bear_another_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = with_files(tmp_path, "in here", "10.png")
    monkeypatch.setattr(Manifest, "frames", lambda self, root, clip: {11: tmp_path / "in here/10.png"})
    with pytest.raises(DataError, match=r"10.png is of frame 11, but a manifest knows frames by the number in their"):
        export(source, tmp_path / "out.csv")
    assert not source.synthetic


# --- damage -------------------------------------------------------------------------------------------------------

CELL = st.one_of(
    st.sampled_from(["", "/", "?", "nan", "-1", "0", "1.5", "1e9", "9" * 12, "../x", "{number}", "a/{number}.png"]),
    st.sampled_from(
        ["{number}{number}", "{number:05d}.jpg", '"', '"a\nb"', ";", "x" * 300, "٣", "\x00", "inf", "a//b"]
    ),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=8),
)


@settings(max_examples=150, deadline=None)
@given(swaps=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 11), CELL), max_size=4), ending=CELL)
def test_any_damage_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, swaps: list[tuple[int, int, str]], ending: str
) -> None:
    header = f"{HEADER},action_units,fps,frames,class,flow".split(",")
    rows = [
        header,
        [*ROW.split(","), "4", "200", "in here", "a", "in here/a.npy"],
        ["mine", "1", "b", "1", "", "3", "sad", "", "", "", "", ""],
    ]
    for at, column, cell in swaps:
        rows[at][column] = cell
    root = tmp_path_factory.getbasetemp() / "damaged.csv"
    text = "\n".join(",".join(row) for row in rows) + ending
    root.write_text(text, encoding="utf-8", newline="")
    source = Source(dataset=Manifest(), root=root)
    try:
        read = source.dataset.table(root).table
        assert not source.synthetic
        for _, row in read.iterrows():
            source.dataset.frames(root, clip_of("manifest", row))
        labelled([source], "class", "middle")
    except DataError:
        return


def test_optional_columns_never_block_a_table(tmp_path: Path) -> None:
    cells = ["4+AD31,200", "AU12C/L14,0", "4(k)+7,29;97", "a smile,nan", "4 R7,", ",fast"]
    rows = [f"mine,{place},EP01,10,14,20,Happy,{each}" for place, each in enumerate(cells)]
    annotations = table(tmp_path, *rows, header=f"{HEADER},action_units,fps")
    assert annotations.table["action_units"].tolist()[:3] == ["4+31", "12", "7"]
    assert annotations.table["fps"].fillna(0).tolist() == [200, 0, 0, 0, 0, 0]
    [note] = annotations.notes
    assert "fps '0'" in note
    assert note.startswith("Cells of optional columns count as empty")


@pytest.mark.parametrize("nothing", ["", "/", "\\", "?", "-", "N/A", "NaN", "None", "#N/A", "null"])
def test_an_apex_that_is_not_annotated_in_every_spelling(tmp_path: Path, nothing: str) -> None:
    assert table(tmp_path, f"mine,1,EP01,10,{nothing},20,Happy").table.loc[0, "apex"] is pd.NA


def test_paths_may_be_written_as_on_windows(tmp_path: Path) -> None:
    (tmp_path / "clips" / "a").mkdir(parents=True)
    for number in (10, 14, 20):
        (tmp_path / "clips" / "a" / f"img{number}.jpg").touch()
    path = save(tmp_path, f"{ROW},clips\\a\\img{{number}}.jpg", header=f"{HEADER},frames")
    clip = Clip(dataset="mine", subject="006", name="EP01", onset=10, apex=14, offset=20)
    assert list(Manifest().frames(path, clip)) == [10, 14, 20]


def test_two_words_for_one_emotion_are_named(tmp_path: Path) -> None:
    [note] = table(tmp_path, ROW, "mine,007,EP01,1,2,3,happiness ").notes
    assert "'happy' and 'happiness' are two classes" in note


def test_the_nearest_frame_stands_in_for_a_missing_one(tmp_path: Path) -> None:
    for number in (4, 6, 9):
        (tmp_path / "a").mkdir(exist_ok=True)
        Image.new("RGB", (8, 8), (number, number, number)).save(tmp_path / "a" / f"img{number}.png")
    table = tmp_path / "clips.csv"
    table.write_text("dataset,subject,clip,onset,apex,offset,emotion,frames\nmine,1,a,3,5,9,happy,a/img{number}.png\n")
    clip = Clip(dataset="mine", subject="1", name="a", onset=3, apex=5, offset=9)
    with pytest.raises(FrameError, match="no file for frame 3, 5"):
        Manifest().read(table, clip, [3, 5, 9])
    nearest = Manifest(Manifest.Parameters().changed({"missing_frames": "nearest", "nearest_within": 1}))
    assert [int(frame[0, 0, 0]) for frame in nearest.read(table, clip, [3, 5, 9])] == [4, 4, 9]
    assert "(onset 3 by img4.png, apex 5 by img4.png)" in nearest.table(table).notes[-1]
    assert not any("missing frame" in note for note in Manifest().table(table).notes)


def test_a_clip_of_a_test_split_need_not_be_labelled(tmp_path: Path) -> None:
    labels = ("1,a happy,train", "1,b sad,train", "2,c happy,test", "2,d sad,test", "3,e ,test")
    lines = [f"mine,{row.replace(' ', ',1,2,3,')}" for row in labels]
    header = "dataset,subject,clip,onset,apex,offset,emotion,split"
    table = save(tmp_path, *lines, header=header)
    task = labelled([Source(dataset=Manifest(), root=table)], None, "annotated")
    assert [(lost.key, lost.reason) for lost in task.left_out] == [("mine/3/e/1", "no emotion")]
    (fold,) = checked_folds(Fixed(), task.clips)
    assert fold.test == ("mine/2/c/1", "mine/2/d/1")
    assert task.classes == ("happy", "sad")
    with pytest.raises(AnnotationError, match="emotion is '', but it must not be empty"):
        Manifest().table(save(tmp_path, lines[-1].replace("test", "train"), header=header))
