"""CAS(ME)^3, parts A and C: labels as text, corrections, folders of varying case, dropped frames, mock trees."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import xlwt
from openpyxl import Workbook, load_workbook
from PIL import Image

import merbench.synthetic.rendering
from merbench.annotations.clips import Annotations, Clip, clip_of
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.dataset import Dataset
from merbench.datasets.cas_me_3 import CasMe3A, CasMe3C
from merbench.errors import AnnotationError, FrameError, MissingData

Line = list[object]
FILE_A, FILE_C = "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx", "CAS(ME)3_part_C_ME.xlsx"
HEADERS_A: Line = ["Subject", "Filename", "Onset", "Apex", "Offset", "AU", "Objective class", "emotion"]
HEADERS_C: Line = ["sub", "count", "onset", "offset", "au", "emotion"]


def line(subject: str = "spNO.1", clip: str = "a", onset: object = "104", emotion: str = "disgust") -> Line:
    return [subject, clip, onset, "109", "115", "4+7", "III", emotion]


def save(path: Path, headers: Line, lines: list[Line], sheet: str = "label") -> Path:
    workbook = Workbook()
    first = workbook.worksheets[0]
    first.title = sheet
    for row in (headers, *lines):
        first.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook.save(path)
    return path


def read_a(root: Path, lines: list[Line], headers: Line | None = None) -> Annotations:
    save(root / FILE_A, headers or HEADERS_A, lines)
    return CasMe3A().table(root)


def read_c(root: Path, lines: list[Line]) -> Annotations:
    save(root / FILE_C, HEADERS_C, lines, "mockCrimeME")
    return CasMe3C().table(root)


@pytest.fixture(scope="module")
def whole_a(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("full") / "a"
    CasMe3A().mock(root, subjects=1, clips=1, seed=0, frames="none", full=True)
    return root


@pytest.fixture(scope="module")
def whole_c(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("full") / "c"
    CasMe3C().mock(root, subjects=1, clips=1, seed=0, frames="none", full=True)
    return root


# --- the labels of part A -----------------------------------------------------------------------------------------


def test_text_cells_and_spellings_of_part_a(tmp_path: Path) -> None:
    lines = [line(emotion="Others"), line("spNo.014", "J"), line(" spNO.2 ", "m", 104.0, "Happy")]
    table = read_a(tmp_path, lines).table
    assert table["subject"].tolist() == ["spNO.1", "spNO.14", "spNO.2"]
    assert table["clip"].tolist() == ["a", "J", "m"]
    assert table["emotion"].tolist() == ["others", "disgust", "happy"]
    assert table["onset"].tolist() == [104, 104, 104]
    assert (table["objective_class"][0], table["fps"][0], table["apex"].dtype) == ("III", 30.0, "Int64")


def test_one_recording_holds_several_clips_but_one_an_onset(tmp_path: Path) -> None:
    assert len(read_a(tmp_path, [line(), line(onset="90")]).table) == 2
    with pytest.raises(AnnotationError, match=r"stands in row 2 too, with subject spNO\.1 and onset 104"):
        read_a(tmp_path, [line(), line()])


def test_the_first_version_is_a_state_of_its_own(tmp_path: Path) -> None:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Sheet1")
    lines = [line(f"spNO.{n % 95 + 1}", "a", str(100 - n // 95), "surprise") for n in range(921)]
    for at, row in enumerate([[*HEADERS_A, None, None], *([*cells, 1, "x"] for cells in lines)]):
        for place, cell in enumerate(row):
            if cell is not None:
                sheet.write(at, place, cell)
    workbook.save(str(tmp_path / "cas(me)3_part_A_ME_label_JpgIndex_v1.xls"))
    found = CasMe3A().table(tmp_path)
    assert (found.state, len(found.table)) == ("v1", 921)
    assert "the first version of the labels" in found.notes[0]


def test_the_state_of_a_part_and_of_another_table(tmp_path: Path) -> None:
    assert read_a(tmp_path, [line()]).state == "v2 (part)"
    assert read_a(tmp_path, [line(emotion="joy")]).state == "unrecognised"


# --- the full table of part A -------------------------------------------------------------------------------------


def test_the_full_table_has_the_shape_of_the_file(whole_a: Path) -> None:
    workbook = load_workbook(whole_a / FILE_A)
    assert {path.name for path in whole_a.iterdir()} == {FILE_A, "DRAWN-BY-MERBENCH.txt"}
    assert workbook.sheetnames == ["label", "Sheet1", "Sheet3"]
    header, *rows = workbook["label"].values
    assert list(header) == HEADERS_A
    assert all(isinstance(cell, str) for row in rows for cell in row)
    assert (len(rows), len({row[0] for row in rows})) == (860, CasMe3A.known["v2"].subjects)
    assert Counter(row[7] for row in rows)["Others"] == 3
    assert Counter(row[1] for row in rows)["J"] > 0
    assert Counter(row[6] for row in rows)["VII"] == 373
    assert sum(row[2] == row[3] for row in rows) == 55
    assert sum(int(row[4]) - int(row[2]) >= 150 for row in rows) == 17


def test_without_mends_the_table_is_as_the_file_and_bad_rows_stay_out_of_a_run(whole_a: Path) -> None:
    table = Source(dataset=CasMe3A(), root=whole_a).annotations().table.set_index(["subject", "clip", "onset"])
    assert table.loc[("spNO.149", "d", 112), "apex"] == 83
    assert table.loc[("spNO.40", "e", 1812), "offset"] == table.loc[("spNO.40", "e", 2327), "offset"] == 0
    assert table.loc[("spNO.214", "c", 5), "offset"] == 3460
    assert table.loc[("spNO.216", "e", 0), "apex"] == 0
    task = labelled([Source(dataset=CasMe3A(), root=whole_a)], "7-class", "middle")
    assert sorted(lost.key for lost in task.left_out if lost.why == "range") == [
        "cas-me-3a/spNO.216/d/3647",
        "cas-me-3a/spNO.40/e/1812",
        "cas-me-3a/spNO.40/e/2327",
    ]


def test_corrections_change_exactly_their_cells(whole_a: Path) -> None:
    before = Source(dataset=CasMe3A(), root=whole_a).annotations().table
    found = Source(dataset=CasMe3A(), root=whole_a, corrections="merbench-1").annotations()
    assert len(found.corrected) == len(CasMe3A.corrections) == 7
    fields = ["subject", "clip", "onset", "apex", "offset", "emotion"]
    changed = (before[fields] != found.table[fields]).to_numpy()
    assert changed.sum() == 7
    rows = found.table[changed.any(axis=1)]
    assert {tuple(map(str, row)) for row in rows[["subject", "clip", "onset", "apex", "offset"]].to_numpy()} >= {
        ("spNO.149", "d", "112", "160", "175"),
        ("spNO.40", "e", "1812", "1830", "1845"),
        ("spNO.40", "e", "2327", "2360", "2403"),
    }
    assert {"1", "2647", "5"} <= set(rows["onset"].astype(str))


# --- part C -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "units"),
    [("4,7", "4+7"), ("4\uff0c7", "4+7"), ("L2, R10,", "L2+R10"), ("13?", "13"), (12, "12"), (None, "")],
)
def test_the_action_units_of_part_c(tmp_path: Path, cell: object, units: str) -> None:
    found = read_c(tmp_path, [[4, 11, 20, 31, cell, "negative"]])
    assert found.table[["subject", "clip", "action_units"]].to_numpy().tolist() == [["4", "11", units]]
    assert found.table["apex"].isna().all()
    assert len(found.notes) == 1


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ("4-class", {"negative": 99, "positive": 16, "surprise": 30, "others": 20}),
        ("3-class", {"negative": 99, "positive": 16, "surprise": 30}),
    ],
)
def test_every_scheme_of_part_c_gives_its_counts(whole_c: Path, scheme: str, expected: dict[str, int]) -> None:
    task = labelled([Source(dataset=CasMe3C(), root=whole_c)], scheme, "middle")
    assert (task.states["cas-me-3c"], task.counts) == ("165-row", expected)
    assert dict(CasMe3C.scheme(scheme).counts["165-row"]) == expected
    assert len(task.apexes) == sum(expected.values())
    table = CasMe3C().table(whole_c).table
    assert table["subject"].nunique() == CasMe3C.known["165-row"].subjects == 30
    assert "22" not in set(table["subject"])
    assert table["action_units"].str.len().min() > 0
    assert any("\uff0c" in cell for cell in table.loc[table["subject"] == "4", "action_units_annotated"])


# --- frames -------------------------------------------------------------------------------------------------------

CLIP = Clip(dataset="cas-me-3a", subject="spNO.1", name="a", onset=104, apex=109, offset=115)


def touch(folder: Path, numbers: range | list[int]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (folder / f"{number}.jpg").touch()


def test_clips_of_one_recording_lie_in_folders_of_varying_case(tmp_path: Path) -> None:
    touch(tmp_path / "Part_A_ME_clip/frame/spNo.1_A_104", range(104, 116))
    touch(tmp_path / "Part_A_ME_clip/frame/spno.1_a_200", range(200, 205))
    adapter = CasMe3A()
    assert list(adapter.frames(tmp_path, CLIP)) == list(range(104, 116))
    later = Clip(dataset="cas-me-3a", subject="spNO.1", name="a", onset=200, apex=202, offset=204)
    assert list(adapter.frames(tmp_path, later)) == list(range(200, 205))


def test_a_mended_onset_still_finds_the_folder_called_by_the_other(tmp_path: Path) -> None:
    touch(tmp_path / "Part_A_ME_clip/frame/spNO.216_d_3647", range(2647, 2660))
    clip = Clip(dataset="cas-me-3a", subject="spNO.216", name="d", onset=2647, apex=2650, offset=2659)
    assert list(CasMe3A().frames(tmp_path, clip)) == list(range(2647, 2660))


def test_of_a_recording_only_the_frames_of_the_clip_are_listed(tmp_path: Path) -> None:
    touch(tmp_path / "part_A/spNo.1/A/Color", range(1, 400))
    touch(tmp_path / "part_A/spNo.1/A/depth", range(1, 400))
    found = CasMe3A(CasMe3A.Parameters(frames="videos")).frames(tmp_path, CLIP)
    assert list(found) == list(range(104, 116))
    assert {path.parent.name for path in found.values()} == {"Color"}


@pytest.mark.parametrize("home", ["part_C/04", "04", "4"])
def test_recordings_of_part_c(tmp_path: Path, home: str) -> None:
    touch(tmp_path / home / "a/color", range(1, 60))
    clip = Clip(dataset="cas-me-3c", subject="4", name="11", onset=20, apex=25, offset=31)
    assert list(CasMe3C().frames(tmp_path, clip)) == list(range(20, 32))


def test_frames_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "part_A/video").mkdir(parents=True)
    with pytest.raises(MissingData, match=r"has no clips frames: .* --set dataset.frames=videos"):
        CasMe3A().frames(tmp_path, CLIP)
    with pytest.raises(MissingData, match=r"cas-me-3c: .* has no videos frames"):
        CasMe3C().frames(tmp_path, CLIP)
    (tmp_path / "Part_A_ME_clip/frame").mkdir(parents=True)
    with pytest.raises(FrameError, match=r"cas-me-3a/spNO.1/a/104: no file for frame 104"):
        CasMe3A().read(tmp_path, CLIP, [104])


def grey(folder: Path, numbers: list[int]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        Image.new("RGB", (8, 8), (number, number, number)).save(folder / f"{number}.png")


def test_a_dropped_frame_is_an_error_or_the_nearest(tmp_path: Path) -> None:
    save(tmp_path / FILE_A, HEADERS_A, [line()])
    grey(tmp_path / "Part_A_ME_clip/frame/spNO.1_a_104", [105, 106, 107, 111, 112, 113, 114, 115])
    with pytest.raises(FrameError, match="no file for frame 104, 109"):
        CasMe3A().read(tmp_path, CLIP, [104, 109, 115])
    assert CasMe3A().table(tmp_path).notes == ("Part of annotation state v2: 1 of 860 clips.",)
    nearest = CasMe3A(CasMe3A.Parameters(missing_frames="nearest"))
    seen = [int(frame[0, 0, 0]) for frame in nearest.read(tmp_path, CLIP, [104, 108, 109, 110, 115])]
    assert seen == [105, 107, 107, 111, 115]  # of two as near, the earlier
    assert nearest.table(tmp_path).notes[1] == (
        "A missing frame is read from the nearest present one, at most 2 away; so it is for onset, apex or offset of "
        "1 clip: cas-me-3a/spNO.1/a/104 (onset 104 by 105.png, apex 109 by 107.png)."
    )
    near = CasMe3A(CasMe3A.Parameters(missing_frames="nearest", nearest_within=1))
    with pytest.raises(FrameError, match="no file for frame 109"):
        near.read(tmp_path, CLIP, [104, 109])


def test_in_a_recording_a_frame_beyond_the_clip_can_stand_in(tmp_path: Path) -> None:
    touch(tmp_path / "part_A/spNO.1/a/color", [100, 102, *range(107, 116)])
    adapter = CasMe3A(CasMe3A.Parameters(frames="videos", missing_frames="nearest"))
    found = adapter.frames(tmp_path, CLIP)
    assert (found[104].name, found[105].name, 103 in found) == ("102.jpg", "107.jpg", False)


def test_nearest_frames_are_told_without_a_frame_folder_too(tmp_path: Path) -> None:
    save(tmp_path / FILE_A, HEADERS_A, [line()])
    notes = CasMe3A(CasMe3A.Parameters(missing_frames="nearest")).table(tmp_path).notes
    assert notes[-1] == "A missing frame is read from the nearest present one, at most 2 away."


# --- the mock trees -----------------------------------------------------------------------------------------------


@pytest.fixture
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(_: object, numbers: list[int], size: tuple[int, int]) -> np.ndarray:
        return np.full((len(numbers), *size, 3), (10, 200, 30), dtype=np.uint8)

    monkeypatch.setattr(merbench.synthetic.rendering, "draw_raw_frames", drawn)


@pytest.mark.usefixtures("_plain")
@pytest.mark.parametrize("frames", ["key", "all"])
@pytest.mark.parametrize("adapter", [CasMe3A(), CasMe3A(CasMe3A.Parameters(frames="videos")), CasMe3C()])
def test_the_stand_in_reads_back(tmp_path: Path, adapter: Dataset, frames: str) -> None:
    adapter.mock(tmp_path, subjects=2, clips=6, seed=5, frames=frames)
    found = adapter.table(tmp_path)
    assert found.state.endswith(" (part)")
    assert found.table["subject"].nunique() == 2
    for _, row in found.table.iterrows():
        clip = clip_of(adapter.name, row)
        moments = {clip.onset, clip.offset} | ({(clip.onset + clip.offset) // 2} if clip.apex is None else {clip.apex})
        assert moments <= set(adapter.frames(tmp_path, clip))


@pytest.mark.slow
@pytest.mark.usefixtures("_plain")
def test_the_full_stand_in_has_key_frames_with_and_without_mends(tmp_path: Path) -> None:
    CasMe3A().mock(tmp_path, subjects=1, clips=1, seed=0, full=True)
    for revision in ("none", "merbench-1"):
        task = labelled([Source(dataset=CasMe3A(), root=tmp_path, corrections=revision)], "7-class", "middle")
        adapter = CasMe3A()
        lacking = [c for c in task.as_clips() if not {c.onset, c.apex, c.offset} <= set(adapter.frames(tmp_path, c))]
        # frame 0 is not there, which the ledger says; and nobody saw the 3456 frames of another
        assert [clip.key for clip in lacking] == (["cas-me-3a/spNO.216/e/0"] if revision == "none" else [])
