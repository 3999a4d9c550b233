"""CAS(ME)^2: a workbook without headers, micro-expressions alone, offsets of 0, its folders, and its mock."""

from collections import Counter
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from merbench.annotations.clips import Annotations, Clip
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.datasets.cas_me_2 import CasMe2
from merbench.errors import AnnotationError, MissingData

Line = list[object]
FILE = "CAS(ME)^2code_final.xlsx"
MICRO = "micro-expression"


def line(
    clip: str = "anger1_1",
    participant: object = 1,
    moments: tuple[object, object, object] = (557, 572, 575),
    emotion: object = "negative",
    kind: object = MICRO,
) -> Line:
    return [participant, clip, *moments, "4+7", emotion, kind, "anger"]


def save(root: Path, lines: list[Line], *, naming: bool = True, sheet: str = "CASMEcode_final") -> Path:
    workbook = Workbook()
    first = workbook.worksheets[0]
    first.title = sheet
    for row in lines:
        first.append(row)
    if naming:
        codes, videos = workbook.create_sheet("naming rule1"), workbook.create_sheet("naming rule2")
        for row in ([15, "s15", 1], [16, "s16", 2]):
            codes.append(row)
        for row in (["0401", "anger1"], [101, "disgust1"]):
            videos.append(row)
    root.mkdir(parents=True, exist_ok=True)
    workbook.save(root / FILE)
    return root / FILE


def read(root: Path, lines: list[Line], **settings_: object) -> Annotations:
    save(root, lines)
    return CasMe2(CasMe2.Parameters().changed(settings_)).table(root)


@pytest.mark.parametrize("sheet", ["CASMEcode_final", "CASFEcode_final", "Sheet1"])
def test_micro_expressions_alone_are_clips(tmp_path: Path, sheet: str) -> None:
    macro = line("happy1_1", moments=(10, 60, 40), kind="macro-expression")
    save(
        tmp_path, [line(), macro, line("disgust1_2", "02", (20.0, 25.0, 31), "Others", "Micro-expression")], sheet=sheet
    )
    read_ = CasMe2().table(tmp_path)
    table = read_.table
    assert table[["subject", "clip", "onset", "apex", "offset", "emotion", "self_report"]].to_numpy().tolist() == [
        ["1", "anger1_1", 557, 572, 575, "negative", "anger"],
        ["2", "disgust1_2", 20, 25, 31, "others", "anger"],
    ]
    assert (table["fps"][0], table["action_units"][0], read_.state) == (30.0, "4+7", "57-micro (part)")
    assert "1 macro-expressions are left out" in read_.notes[1]


@pytest.mark.parametrize(("count", "state"), [(57, "57-micro"), (54, "54-micro"), (58, "unrecognised")])
def test_the_state_is_told_by_the_number_of_clips(tmp_path: Path, count: int, state: str) -> None:
    assert read(tmp_path, [line(f"anger1_{n}") for n in range(1, count + 1)]).state == state


@pytest.mark.parametrize(("offsets", "expected"), [("apex", [572, 575]), ("mirror", [587, 575]), ("drop", [575])])
def test_an_offset_of_0_is_what_the_parameter_says(tmp_path: Path, offsets: str, expected: list[int]) -> None:
    found = read(tmp_path, [line(moments=(557, 572, 0)), line("anger1_2")], offsets=offsets)
    assert found.table["offset"].tolist() == expected
    told = [note for note in found.notes if note.startswith("No offset is annotated (0)")]
    assert len(told) == 1
    assert told[0].endswith(f"(offsets={offsets}), for 1/anger1_1.")


def test_without_offset_and_apex_a_clip_stays_out_of_a_run(tmp_path: Path) -> None:
    lines = [line(moments=(557, None, 0)), line("anger1_2"), line("anger1_3", emotion="positive")]
    lines += [line("anger1_4", emotion="surprise"), line("anger1_5", emotion="others")]
    save(tmp_path, lines)
    task = labelled([Source(dataset=CasMe2(), root=tmp_path)], None, "middle")
    assert [(lost.key, lost.why) for lost in task.left_out] == [("cas-me-2/1/anger1_1/557", "range")]


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (line(moments=("x", 2, 3)), r"column C \(onset\) is 'x', but it must be a whole number from 0"),
        (line(participant="s15"), r"column A \(participant\) is 's15', but it must be a number from 1 to 99"),
        (line("../x"), r"column B \(clip\) is '../x', but it must be the name of a folder"),
        (line(kind="both"), r"column H \(macro or micro\) is 'both', but it must be macro-expression or"),
        (line(emotion=None), r"column G \(estimated emotion\) is '', but it must be a word"),
        (line("anger1_2"), r"stands in row 1 too, with subject 1 and onset 557"),
    ],
)
def test_a_bad_cell_is_named(tmp_path: Path, bad: Line, sentence: str) -> None:
    with pytest.raises(AnnotationError, match=rf"sheet 'CASMEcode_final', row 2: .*{sentence}"):
        read(tmp_path, [line("anger1_2"), bad])


def test_a_table_of_macro_expressions_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="none of 1 row is a micro-expression"):
        read(tmp_path, [line(kind="macro-expression")])


# --- frames -------------------------------------------------------------------------------------------------------

CLIP = Clip(dataset="cas-me-2", subject="1", name="anger1_1", onset=9, apex=10, offset=11)


def touch(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()


@pytest.mark.parametrize(
    ("home", "variant"),
    [
        ("cropped/15/anger1_1", "cropped"),
        ("cropped/cropped/15/anger1_1", "cropped"),
        ("cropped/1/anger1_1", "cropped"),
        ("selectedpic/s15/anger1_1", "selected"),
        ("rawpic/s15/15_0401girlcrashing", "raw"),
        ("rawpic/rawpic/s15/15_0401x", "raw"),
        ("rawpic/s15/anger1", "raw"),
    ],
)
@pytest.mark.parametrize("name", ["img{}.jpg", "img{:03d}.jpg", "img_{:05d}.JPG"])
def test_frames_of_every_variant_however_padded(tmp_path: Path, home: str, variant: str, name: str) -> None:
    save(tmp_path, [line()])
    touch(tmp_path / home, "Thumbs.db", *(name.format(number) for number in range(8, 14)))
    assert list(CasMe2(CasMe2.Parameters(frames=variant)).frames(tmp_path, CLIP)) == [9, 10, 11]


def test_a_folder_15_beside_a_folder_3_is_that_of_participant_15(tmp_path: Path) -> None:
    save(tmp_path, [line()])
    touch(tmp_path / "cropped/15/anger1_1", "img9.jpg")
    touch(tmp_path / "cropped/3/anger1_1", "img9.jpg")
    assert CasMe2().frames(tmp_path, CLIP) == {}


def test_frames_that_cannot_be_found_are_told(tmp_path: Path) -> None:
    save(tmp_path, [line()], naming=False)
    with pytest.raises(MissingData, match="has no cropped frames"):
        CasMe2().frames(tmp_path, CLIP)
    touch(tmp_path / "selectedpic/s15/anger1_1", "img9.jpg")
    with pytest.raises(MissingData, match=r"such as s15, participant 1 has; give the workbook with its sheet"):
        CasMe2(CasMe2.Parameters(frames="selected")).frames(tmp_path, CLIP)
    save(tmp_path, [line()])
    touch(tmp_path / "rawpic/s15/15_0101x", "img9.jpg")
    with pytest.raises(MissingData, match=r"must have one folder of video anger1 \(0401\), but has none of that name"):
        CasMe2(CasMe2.Parameters(frames="raw")).frames(tmp_path, CLIP)


# --- the mock -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ("4-class", {"negative": 21, "positive": 8, "surprise": 9, "others": 19}),
        ("3-class", {"negative": 21, "positive": 8, "surprise": 9}),
    ],
)
def test_the_full_table_gives_every_scheme_its_counts(tmp_path: Path, scheme: str, expected: dict[str, int]) -> None:
    CasMe2().mock(tmp_path, subjects=1, clips=1, seed=0, frames="none", full=True)
    assert {path.name for path in tmp_path.iterdir()} == {FILE, "DRAWN-BY-MERBENCH.txt"}
    source = Source(dataset=CasMe2(), root=tmp_path)
    task = labelled([source], scheme, "middle")
    assert (task.states["cas-me-2"], task.counts, task.left_out and task.left_out[0].why) == (
        "57-micro",
        expected,
        () if scheme == "4-class" else "scheme",
    )
    chosen = CasMe2.scheme(scheme)
    assert dict(chosen.counts["57-micro"]) == expected
    if scheme in ("4-class",):
        assert len(task.subjects) == chosen.subjects["57-micro"] == CasMe2.known["57-micro"].subjects == 14
    sheet = load_workbook(tmp_path / FILE)["CASMEcode_final"]
    rows = list(sheet.values)
    assert Counter(row[7] for row in rows) == {"macro-expression": 300, MICRO: 57}
    assert len({row[0] for row in rows}) == 22
    assert sum(row[7] != MICRO and row[3] > row[4] for row in rows) == 3
    assert any(row[4] == 0 for row in rows)


def test_the_open_scheme_has_the_words_of_the_table(tmp_path: Path) -> None:
    lines = [line("anger1_1"), [*line("anger1_2")[:-1], "Pain"], [*line("anger1_3")[:-1], None]]
    save(tmp_path, lines)
    task = labelled([Source(dataset=CasMe2(), root=tmp_path)], "self-report", "middle")
    assert task.counts == {"anger": 1, "pain": 1}
