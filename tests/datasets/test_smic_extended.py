"""The extended release of SMIC: its workbooks in their oddities, long clips, later events, and what is refused."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from merbench.annotations.clips import Annotations, clip_of
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.datasets.smic import Smic, SmicHs, SmicNir, SmicVis
from merbench.datasets.smic.formulas import add_formulas
from merbench.errors import AnnotationError, DataError, MissingData, UsageError

Line = list[object]

FILE = "SMIC-HS-E_annotation.xlsx"
HEADERS: Line = [
    *("Subject", "Filename", None, "OnsetF", "OffsetF", "Onset2F", "Offset2F", "Onset3F", "Offset3F", None),
    *("FirstF", "LastF", "TotalMF1", "TotalMF2", "TotalMF3", "TotalVL", "Emotion"),
]
EXTENDED = Smic.Parameters(release="extended")
EVERY = Smic.Parameters(release="extended", events="all")


def line(
    clip: str = "s1_ne_01", emotion: str = "negative", onset: object = 100, offset: object = 130, *later: object
) -> Line:
    """One row of the sheet HS, by the clip's name; `later` has the onset and offset of further events."""
    events = [*later, *[None] * (4 - len(later))]
    return [
        int(clip[1 : clip.index("_")]),
        clip,
        None,
        onset,
        offset,
        *events,
        None,
        1,
        600,
        31,
        None,
        None,
        600,
        emotion,
    ]


def save(path: Path, lines: Sequence[Line], headers: Line | None = None, sheet: str = "HS") -> Path:
    """A workbook of those rows."""
    workbook = Workbook()
    first = workbook.worksheets[0]
    first.title = sheet
    for row in [HEADERS if headers is None else headers, *lines]:
        first.append(row)
    workbook.create_sheet("Sheet2")
    path.parent.mkdir(exist_ok=True, parents=True)
    workbook.save(path)
    return path


def read(root: Path, *lines: Line, headers: Line | None = None, parameters: Smic.Parameters = EXTENDED) -> Annotations:
    """The annotations of a workbook of those rows."""
    save(root / FILE, lines, headers)
    return SmicHs(parameters).table(root)


# --- the full stand-ins -------------------------------------------------------------------------------------------


def full(out: Path, kind: type[Smic], state: str = "157") -> Path:
    kind(Smic.Parameters(release="extended", mock_state=state)).mock(
        out, subjects=1, clips=1, seed=1, frames="none", full=True
    )
    return out


@pytest.mark.parametrize(
    ("kind", "rows", "state", "classes", "subjects"),
    [
        (SmicHs, "157", "hs-e-157", (66, 51, 40), 16),
        (SmicHs, "162", "hs-e-162", (70, 51, 41), 16),
        (SmicVis, "157", "vis-e-71", (24, 28, 19), 8),
        (SmicNir, "157", "nir-e-71", (24, 28, 19), 8),
    ],
)
def test_the_full_stand_ins_give_every_count(
    tmp_path: Path, kind: type[Smic], rows: str, state: str, classes: tuple[int, int, int], subjects: int
) -> None:
    source = Source(dataset=kind(EXTENDED), root=full(tmp_path, kind, rows))
    assert source.annotations().state == state
    expected = dict(zip(("negative", "positive", "surprise"), classes, strict=True))
    for scheme in kind.schemes:
        task = labelled([source], scheme.name, "middle")
        assert task.counts == expected
        assert len(task.subjects) == scheme.subjects[state] == subjects
        assert dict(scheme.counts.get(state, expected)) == expected
    assert (state in kind.known, state in kind.schemes[0].counts) == (kind is not SmicNir,) * 2
    if kind is not SmicNir:
        assert (kind.known[state].emotions, kind.known[state].subjects) == (expected, subjects)


def test_the_full_stand_in_has_the_oddities_of_the_workbook(tmp_path: Path) -> None:
    full(tmp_path, SmicHs)
    annotations = SmicHs(EXTENDED).table(tmp_path)
    table = annotations.table.set_index("clip")
    lost = {"s1_ne_02", "s2_sur_05", "s3_ne_03", "s3_ne_20", "s4_ne_05", "s4_ne_06", "s9_sur_02"}
    assert not lost & set(table.index)
    ends = {"s3_ne_16": 409062, "s3_po_08": 402223, "s3_sur_01": 308889, "s3_sur_05": 402326}
    assert table.loc[list(ends), "offset"].to_dict() == ends
    assert any("the emotion, which counts, is not the one in the clip's name" in note for note in annotations.notes)
    stored, formulas = (load_workbook(tmp_path / FILE, data_only=kept)["HS"] for kept in (True, False))
    assert str(formulas["E2"].value).startswith("=VIS!")
    assert stored["E2"].value == int(table["offset"].iloc[0])
    assert load_workbook(tmp_path / FILE).sheetnames == ["HS", "VIS", "Sheet2", "Sheet3"]
    assert formulas.max_row > 158  # empty rows below the table


def test_every_event_is_a_row_on_request(tmp_path: Path) -> None:
    full(tmp_path, SmicHs)
    annotations = SmicHs(EVERY).table(tmp_path)
    assert annotations.state == "hs-e-157, every event"
    assert Counter(annotations.table["event"]) == {"1": 157, "2": 8, "3": 6}
    assert any(note.endswith("so no row, is event 3 of s9_sur_01.") for note in annotations.notes)
    assert len(labelled([Source(dataset=SmicHs(EVERY), root=tmp_path)], None, "middle").clips) == 171


def test_the_earlier_state_has_a_cell_of_text(tmp_path: Path) -> None:
    full(tmp_path, SmicHs, "162")
    table = SmicHs(EXTENDED).table(tmp_path).table
    assert table["first_frame"].str.startswith("image").sum() == 1


def test_the_original_full_stand_in_has_the_named_clips_and_short_crops(tmp_path: Path) -> None:
    SmicHs().mock(tmp_path, subjects=1, clips=1, seed=1, frames="none", full=True)
    cropped, raw = (SmicHs(Smic.Parameters(frames=name)).table(tmp_path) for name in ("cropped", "raw"))
    assert (cropped.state, len(cropped.table), raw.state) == ("as distributed", 164, "as distributed")
    known = SmicHs.known["as distributed"]
    assert Counter(cropped.table["emotion"]) == known.emotions == {"negative": 70, "positive": 51, "surprise": 43}
    short, whole = (found.table.set_index("clip")["offset"] for found in (cropped, raw))
    assert (whole - short)[lambda less: less > 0].to_dict() == {
        "s3_ne_16": 1,
        "s3_po_08": 2,
        "s3_sur_01": 1,
        "s3_sur_05": 1,
    }
    assert {"s1_ne_02", "s2_sur_05", "s3_ne_20", "s4_ne_06", "s9_sur_02", "s18_sur_03"} <= set(short.index)
    clip = clip_of("smic-hs", cropped.table.iloc[0])
    with pytest.raises(DataError, match="cannot be decoded"):
        SmicHs().read(tmp_path, clip, [clip.onset])


# --- reading ------------------------------------------------------------------------------------------------------


def test_rows_by_name_of_the_column(tmp_path: Path) -> None:
    annotations = read(tmp_path, line("s1_ne_01"), line("s11_sur_02", " Surprise ", 5, 9))
    assert annotations.state == "hs-e-157 (part)"
    told = ["subject", "clip", "onset", "offset", "emotion", "fps", "event"]
    assert annotations.table[told].to_numpy().tolist() == [
        ["s1", "s1_ne_01", 100, 130, "negative", 100.0, "1"],
        ["s11", "s11_sur_02", 5, 9, "surprise", 100.0, "1"],
    ]
    assert annotations.table["apex"].isna().all()


def test_copies_without_the_blank_columns_and_with_padded_names(tmp_path: Path) -> None:
    cells = dict(zip(HEADERS, line("s1_ne_01"), strict=True))
    cells["Filename"] = "s01_ne_1"
    names = ["Emotion", "Filename", "Subject", "OffsetF", "OnsetF"]
    annotations = read(tmp_path, [cells[name] for name in names], headers=list(names))
    assert annotations.table[["subject", "clip"]].to_numpy().tolist() == [["s1", "s1_ne_01"]]
    assert annotations.state == "hs-e-162 (part)"


def test_rows_of_formulas_below_the_table_are_no_rows(tmp_path: Path) -> None:
    empty = [None, None, None, None, 0, None, None, None, None, None, 0, 0, 0, None, None, 0, None]
    assert len(read(tmp_path, line(), empty, [None] * 17, empty).table) == 1


def test_events_and_their_repeats(tmp_path: Path) -> None:
    rows = [
        line("s1_ne_01", "negative", 100, 130, 200, 220, 300, 310),
        line("s9_sur_01", "surprise", 1, 9, 20, 29, 20, 29),
    ]
    first = read(tmp_path, *rows)
    assert len(first.table) == 2
    assert any(note.endswith("makes them some: s1_ne_01 (2), s9_sur_01 (2).") for note in first.notes)
    every = read(tmp_path, *rows, parameters=EVERY)
    assert every.table[["clip", "onset", "offset", "event"]].to_numpy().tolist() == [
        ["s1_ne_01", 100, 130, "1"],
        ["s1_ne_01", 200, 220, "2"],
        ["s1_ne_01", 300, 310, "3"],
        ["s9_sur_01", 1, 9, "1"],
        ["s9_sur_01", 20, 29, "2"],
    ]
    keys = [clip_of("smic-hs", row).key for _, row in every.table.iterrows()]
    assert len(set(keys)) == 5


def test_a_name_that_contradicts_the_emotion_is_noted(tmp_path: Path) -> None:
    annotations = read(tmp_path, line("s5_sur_01", "negative"))
    assert annotations.table["emotion"].tolist() == ["negative"]
    assert any("for s5_sur_01 (negative)" in note for note in annotations.notes)


def test_reversed_rows_and_other_subjects_are_told(tmp_path: Path) -> None:
    annotations = read(tmp_path, line("s1_ne_01"), line("s7_ne_01", "negative", 50, 20))
    assert annotations.state == "unrecognised"
    assert any("has no subject s7" in note for note in annotations.notes)
    assert any("a run leaves out, s7/s7_ne_01 (50..20)" in note for note in annotations.notes)


def test_columns_of_nir_and_its_apexes(tmp_path: Path) -> None:
    headers: Line = ["Subject", "Filename", "OnsetF NIR", "ApexF NIR", "OffsetF NIR", "Emotion"]
    save(tmp_path / "SMIC-NIR-E_annotation.xlsx", [["s11", "s11_ne_01", 4, 6, 9, "negative"]], headers, "NIR")
    table = SmicNir(EXTENDED).table(tmp_path).table
    assert table[["onset", "apex", "offset", "fps"]].to_numpy().tolist() == [[4, 6, 9, 25.0]]


# --- which workbook -----------------------------------------------------------------------------------------------


def test_each_part_reads_its_own_workbook(tmp_path: Path) -> None:
    deep = tmp_path / "SMIC-E_raw image" / "VIS_long"
    save(tmp_path / FILE, [line("s1_ne_01")])
    save(deep / "SMIC_VIS_E_annotation.xlsx", [line("s11_ne_01")], sheet="VIS")
    assert SmicHs(EXTENDED).table(tmp_path).table["clip"].tolist() == ["s1_ne_01"]
    assert SmicVis(EXTENDED).table(tmp_path).table["clip"].tolist() == ["s11_ne_01"]
    with pytest.raises(DataError, match="it has the sheet HS, but NIR is to be read"):
        SmicNir(EXTENDED).table(tmp_path)


def test_several_workbooks_of_a_part_are_refused_until_one_is_chosen(tmp_path: Path) -> None:
    save(tmp_path / FILE, [line("s1_ne_01")])
    save(tmp_path / "SMIC-HS-E_annotation_2019.xlsx", [line("s2_ne_01")])
    with pytest.raises(AnnotationError, match=r"several annotation workbooks .* --set dataset.coding=SMIC-HS-E"):
        SmicHs(EXTENDED).table(tmp_path)
    chosen = dataclasses.replace(EXTENDED, coding="SMIC-HS-E_annotation_2019.xlsx")
    assert SmicHs(chosen).table(tmp_path).table["clip"].tolist() == ["s2_ne_01"]


def test_the_workbook_of_another_part_or_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match=r"it is called SMIC-HS-E_annotation\.xlsx or"):
        SmicHs(EXTENDED).table(tmp_path)
    save(tmp_path / "mine.xlsx", [line("s11_ne_01")], sheet="VIS")
    with pytest.raises(AnnotationError, match=r"it has the sheet VIS, but HS is to be read"):
        SmicHs(EXTENDED).table(tmp_path)


# --- formulas -----------------------------------------------------------------------------------------------------


def test_formulas_are_read_as_what_they_came_to(tmp_path: Path) -> None:
    path = save(tmp_path / FILE, [line("s1_ne_01", "negative", 100, 130)])
    add_formulas(path, {"E2": "VIS!E2*4+2"})
    assert load_workbook(path)["HS"]["E2"].value == "=VIS!E2*4+2"
    assert SmicHs(EXTENDED).table(tmp_path).table["offset"].tolist() == [130]


@pytest.mark.parametrize("place", ["E2", "F2"])
def test_formulas_that_keep_no_value_are_refused(tmp_path: Path, place: str) -> None:
    """Also where the cell may be empty: an event would be lost without a word."""
    path = save(tmp_path / FILE, [line("s1_ne_01")])
    workbook = load_workbook(path)
    workbook["HS"][place] = "=VIS!E2*4"
    workbook.save(path)
    with pytest.raises(AnnotationError, match=rf"1 cell with a formula .* the first of them {place}; open the"):
        SmicHs(EXTENDED).table(tmp_path)


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (line("s1_ne_01", "negative", "x"), "OnsetF is 'x', but it must be a whole number"),
        (line("s1_ne_01", "negative", 1, "#REF!"), "OffsetF is '#REF!', but it must be a whole number"),
        (line("s1_ne_01", "negative", 1, 9, 20), "Offset2F is '', but it must be a whole number"),
        (
            line("s1_ne_01", "negative", 1, 9, 20, 10),
            "Onset2F is '20', but it must not lie after Offset2F, which is 10",
        ),
        ([2, *line("s1_ne_01")[1:]], "Filename is 's1_ne_01', but it must be of the subject of its row, s2"),
        ([None, *line("s1_ne_01")[1:]], "Subject is '', but it must not be empty"),
    ],
)
def test_a_bad_cell_is_named(tmp_path: Path, row: Line, sentence: str) -> None:
    with pytest.raises(AnnotationError) as refusal:
        read(tmp_path, row)
    assert str(refusal.value).startswith(f"{tmp_path / FILE}, sheet 'HS', row 2: {sentence}")


def test_repeated_clips_and_events_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"row 3: .* stands in row 2 too"):
        read(tmp_path, line(), line())
    with pytest.raises(AnnotationError, match="Onset2F is '100', but it must not be the onset of an earlier event"):
        read(tmp_path, line("s1_ne_01", "negative", 100, 130, 100, 120), parameters=EVERY)


@pytest.mark.parametrize("changes", [{"release": "long"}, {"events": "second"}, {"mock_state": "164"}])
def test_other_values_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="must be one of"):
        Smic.Parameters().changed(changes)


# --- frames -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "home",
    [
        "SMIC-E_raw image/HS_long/SMIC-HS-E/s01/s1_ne_01",
        "SMIC-E_raw image/HS_long/SMIC_HS_E/s1/s1_ne_01",
        "HS_long/SMIC-HS-E/s01/s01_ne_01",
    ],
)
def test_frames_of_a_long_clip(tmp_path: Path, home: str) -> None:
    read(tmp_path, line("s1_ne_01", "negative", 100, 130))
    folder = tmp_path / home
    folder.mkdir(parents=True)
    for name in ("image000099.jpg", "image000100.jpg", "image1234567.jpg", "Thumbs.db", "reg_image000101.jpg"):
        (folder / name).touch()
    adapter = SmicHs(EXTENDED)
    clip = clip_of("smic-hs", adapter.table(tmp_path).table.iloc[0])
    assert list(adapter.frames(tmp_path, clip)) == [99, 100, 1234567]
    other = dataclasses.replace(clip, name="s1_ne_02")
    assert adapter.frames(tmp_path, other) == {}


def test_a_tree_without_long_clips(tmp_path: Path) -> None:
    clip = clip_of("smic-hs", read(tmp_path, line()).table.iloc[0])
    with pytest.raises(MissingData, match=r"has no extended frames: looked for the folders SMIC-E_raw image/HS_long/"):
        SmicHs(EXTENDED).frames(tmp_path, clip)


@pytest.mark.parametrize("frames", ["key", "all"])
def test_the_stand_in_reads_back(tmp_path: Path, frames: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    import merbench.synthetic.rendering

    drawn: list[tuple[int, int]] = []

    def plain(plan: merbench.synthetic.rendering.ClipPlan, numbers: Sequence[int], size: tuple[int, int]) -> np.ndarray:
        drawn.extend((plan.onset, number) for number in numbers)
        return np.zeros((len(numbers), 8, 8, 3), dtype=np.uint8)

    monkeypatch.setattr(merbench.synthetic.rendering, "draw_raw_frames", plain)
    SmicVis(EXTENDED).mock(tmp_path, subjects=2, clips=3, seed=0, frames=frames)
    adapter = SmicVis(EVERY)
    annotations = adapter.table(tmp_path)
    assert Counter(annotations.table["event"]) == {"1": 6, "2": 2}
    for _, row in annotations.table.iterrows():
        clip = clip_of("smic-vis", row)
        found = adapter.frames(tmp_path, clip)
        middle = (clip.onset + clip.offset) // 2
        assert {clip.onset, middle, clip.offset} <= set(found)
        assert found[clip.onset].name == f"image{clip.onset:06d}.jpg"
        assert (clip.onset - 1 in found) == (frames == "all")
        assert (clip.onset, middle) in drawn
    home = tmp_path / "SMIC-E_raw image/VIS_long/SMIC-VIS-E"
    assert sorted(path.name for path in home.iterdir()) == ["s11", "s12"]
