"""SAMM: its workbook's oddities, its schemes, its frame files, its mock tree, and what is refused."""

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
from merbench.datasets.samm import Samm
from merbench.errors import AnnotationError, DataError
from merbench.registry import datasets
from merbench.synthetic.mock_clips import Extent

Line = list[object]

FILE = "SAMM_Micro_FACS_Codes_v2.xlsx"
HEADERS: Line = [
    "Subject",
    "Filename",
    "Inducement Code",
    "Onset Frame",
    "Apex Frame",
    "Offset Frame",
    "Duration",
    "Micro",
    "Action Units",
    "Estimated Emotion",
    "Objective Classes",
    "Notes",
]
COUNTS = {
    "Anger": 57,
    "Happiness": 26,
    "Other": 26,
    "Surprise": 15,
    "Contempt": 12,
    "Disgust": 9,
    "Fear": 8,
    "Sadness": 6,
}
SUBJECTS = [f"{number:03d}" for number in (6, 7, *range(9, 27), 28, *range(30, 38))]
#: Subjects that have but a few emotions, so that schemes have fewer subjects.
NARROW = {"024": ["Disgust", "Fear"], "036": ["Sadness"], "025": ["Other"]}


def line(
    clip: str, emotion: str = "Anger", frames: tuple[object, object, object] = (180, 200, 250), units: object = "4+7"
) -> Line:
    """One row of the workbook, by the clip's name."""
    return [clip[:3], clip, 1, *frames, "=F15-D15+1", "Micro - 1/2", units, emotion, 7, None]


def save(path: Path, lines: list[Line], headers: Line | None = None, preamble: int = 13) -> Path:
    """A workbook of those rows below a preamble."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "MICRO_ONLY"
    for row in [["Micro-movements"]] * preamble + [HEADERS if headers is None else headers, *lines]:
        sheet.append(row)
    path.parent.mkdir(exist_ok=True, parents=True)
    workbook.save(path)
    return path


def read(root: Path, lines: list[Line], headers: Line | None = None, preamble: int = 13) -> Annotations:
    """The annotations of a workbook of those rows."""
    save(root / FILE, lines, headers, preamble)
    return Samm().table(root)


def full(*, corrected: bool = False, other: str = "Other") -> list[Line]:
    """Mock clips, as many of each emotion as the file has, of its 29 subjects, with the two bad rows."""
    bad = [line("028_4_1", "Anger", (1071, 1143, 1134)), line("032_3_1", "Anger", (4896, 1930, 4970))]
    mended = [line("028_4_1", "Anger", (1071, 1113, 1134)), line("032_3_1", "Anger", (4896, 4930, 4970))]
    fixed = [(subject, emotion) for subject, emotions in NARROW.items() for emotion in emotions]
    counts = Counter(COUNTS) - Counter(emotion for _, emotion in fixed) - Counter({"Anger": 2})
    wide = [subject for subject in SUBJECTS if subject not in NARROW]
    fixed += [(wide[n % len(wide)], emotion) for n, emotion in enumerate(counts.elements())]
    rows = [
        line(f"{subject}_9_{n}", other if emotion == "Other" else emotion) for n, (subject, emotion) in enumerate(fixed)
    ]
    return rows + (mended if corrected else bad)


@pytest.mark.parametrize("preamble", [13, 0])
def test_the_columns_with_and_without_the_preamble(tmp_path: Path, preamble: int) -> None:
    table = read(tmp_path, [line("006_1_2"), line("007_3_1", " Happiness ", units="12C")], preamble=preamble).table
    assert tuple(table.columns) == (*COLUMNS, "action_units_annotated", "inducement", "objective_class", "remarks")
    assert table["subject"].tolist() == ["006", "007"]
    assert table["emotion"].tolist() == ["anger", "happiness"]
    assert table["action_units"].tolist() == ["4+7", "12"]
    assert table["action_units_annotated"].tolist() == ["4+7", "12C"]
    assert (table["apex"].dtype, table["fps"][0], table["objective_class"][0]) == ("Int64", 200.0, "7")


@pytest.mark.parametrize("cell", ["006", "6", 6, 6.0, " 006 "])
def test_subjects_are_three_digits(tmp_path: Path, cell: object) -> None:
    assert read(tmp_path, [[cell, *line("006_1_2")[1:]]]).table["subject"].tolist() == ["006"]


def test_the_sheet_of_micro_expressions_is_read_where_there_are_others(tmp_path: Path) -> None:
    path = save(tmp_path / FILE, [line("006_1_2")])
    workbook = load_workbook(path)
    other = workbook.create_sheet("ALL", 0)
    for row in (HEADERS, line("006_1_2"), line("006_1_3")):
        other.append(row)
    workbook.save(path)
    assert len(Samm().table(tmp_path).table) == 1


def test_other_is_spelled_two_ways(tmp_path: Path) -> None:
    assert read(tmp_path, full(other="Others")).state == "v2"


def test_an_unreadable_cell_counts_as_not_coded_and_is_noted(tmp_path: Path) -> None:
    annotations = read(tmp_path, [line("006_1_2", units="4;7")])
    assert annotations.table["action_units"].tolist() == [""]
    assert "action units that cannot be read count as not coded: row 15 ('4;7')." in annotations.notes[-1]


def test_the_bad_rows_are_noted_and_tell_the_state(tmp_path: Path) -> None:
    as_distributed = read(tmp_path, full())
    assert as_distributed.state == "v2"
    assert "028/028_4_1 (1071, 1143, 1134), 032/032_3_1 (4896, 1930, 4970)." in as_distributed.notes[0]
    corrected = read(tmp_path, full(corrected=True))
    assert (corrected.state, corrected.notes) == ("v2-corrected", ())
    assert read(tmp_path, full()[:5]).state == "v2 (part)"
    assert read(tmp_path, [*full(), line("006_8_1", "Joy")]).state == "unrecognised"


def test_the_apex_policy_decides_about_the_bad_rows(tmp_path: Path) -> None:
    save(tmp_path / FILE, full())
    task = labelled([Source(dataset=Samm(), root=tmp_path)], "5-class", "middle")
    assert task.apexes == ("samm/028/028_4_1/1071", "samm/032/032_3_1/4896")
    assert task.clips.loc["samm/028/028_4_1/1071", "apex"] == 1102


def test_the_default_scheme_and_the_order_of_megc() -> None:
    assert Samm.scheme(None).name == "5-class"
    megc = datasets.get("casme2").scheme("3-class-megc2019")
    assert Samm.scheme("3-class-megc2019").classes == megc.classes


# --- the full mock, objective classes and mends ------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The full mock's annotation, without frames."""
    out = tmp_path_factory.mktemp("samm") / "full"
    Samm().mock(out, subjects=1, clips=1, seed=3, frames="none", full=True)
    return out


def test_the_full_stand_in_is_as_large_as_the_file(whole: Path) -> None:
    annotations = Samm().table(whole)
    known = Samm.known[annotations.state]
    assert annotations.state == "v2"
    assert Counter(annotations.table["emotion"]) == known.emotions == {k.lower(): v for k, v in COUNTS.items()}
    assert (len(annotations.table), known.clips, known.subjects) == (159, 159, 29)
    assert annotations.table["subject"].unique().tolist() == SUBJECTS
    classes = Counter(annotations.table["objective_class"])
    assert classes == {"1": 24, "2": 13, "3": 20, "4": 8, "5": 3, "6": 7, "7": 84}
    assert not list(whole.rglob("*.jpg"))


def test_whom_the_schemes_lack(whole: Path) -> None:
    def lacking(name: str) -> set[str]:
        task = labelled([Source(dataset=Samm(), root=whole)], name, "middle")
        return set(SUBJECTS) - {subject.removeprefix("samm/") for subject in task.subjects}

    assert lacking("5-class") == {"024", "036"}
    assert lacking("3-class-megc2019") == {"025"}


def test_the_ledger_changes_two_apexes_and_nothing_else(whole: Path) -> None:
    plain, mended = (
        Source(dataset=Samm(), root=whole, corrections=name).annotations() for name in ("none", "merbench-1")
    )
    assert plain.corrected == ()
    assert len(mended.corrected) == len(Samm.corrections) == 2
    changed = mended.table["apex"] != plain.table["apex"]
    assert mended.table.drop(columns="apex").equals(plain.table.drop(columns="apex"))
    told = ["clip", "onset", "apex", "offset"]
    assert mended.table.loc[changed, told].to_numpy().tolist() == [
        ["028_4_1", 1071, 1113, 1134],
        ["032_3_1", 4896, 4930, 4970],
    ]
    task = labelled([Source(dataset=Samm(), root=whole, corrections="merbench-1")], "8-class", "error")
    assert (task.apexes, len(task.corrected)) == ((), 2)


def test_the_ledger_leaves_corrected_copies_alone(tmp_path: Path) -> None:
    save(tmp_path / FILE, full(corrected=True))
    annotations = Source(dataset=Samm(), root=tmp_path, corrections="merbench-1").annotations()
    assert (annotations.state, annotations.corrected) == ("v2-corrected", ())


def test_objective_classes_are_numbers_or_roman(tmp_path: Path) -> None:
    cells: list[object] = [1, "2", 3.0, "IV", "v ", "VI", 7, None]
    lines = [line(f"006_{n}_1") for n in range(len(cells))]
    for row, cell in zip(lines, cells, strict=True):
        row[10] = cell
    save(tmp_path / FILE, lines)
    task = labelled([Source(dataset=Samm(), root=tmp_path)], "objective", "middle")
    assert task.clips["label"].tolist() == ["I", "II", "III", "IV", "V"]
    assert len(task.left_out) == 3


def test_a_file_without_objective_classes_is_told_apart(tmp_path: Path) -> None:
    headers = [header for header in HEADERS if header != "Objective Classes"]
    save(tmp_path / FILE, [[*line("006_1_2")[:10], None]], headers)
    source = Source(dataset=Samm(), root=tmp_path)
    with pytest.raises(AnnotationError, match="takes its classes from the column objective_class, which this"):
        labelled([source], "objective", "middle")


def test_a_tree_without_frames_refuses_to_read_one(whole: Path) -> None:
    row = Samm().table(whole).table.iloc[0]
    with pytest.raises(DataError, match="has no raw frames"):
        Samm().read(whole, clip_of("samm", row), [int(row["onset"])])


# --- frames and the mock --------------------------------------------------------------------------------------

CLIP = Clip(dataset="samm", subject="006", name="006_1_2", onset=9, apex=10, offset=11)


@pytest.mark.parametrize(
    ("home", "variant"), [("SAMM/006/006_1_2", "raw"), ("006/006_1_2", "raw"), ("SAMM_CROP/006/006_1_2", "cropped")]
)
@pytest.mark.parametrize("digits", [4, 5])
def test_frames_of_four_and_of_five_digits(tmp_path: Path, home: str, variant: str, digits: int) -> None:
    folder = tmp_path / home
    folder.mkdir(parents=True)
    for name in ("Thumbs.db", "007_0009.jpg", *(f"006_{number:0{digits}d}.jpg" for number in (9, 10, 11))):
        (folder / name).touch()
    assert list(Samm(Samm.Parameters(frames=variant)).frames(tmp_path, CLIP)) == [9, 10, 11]


def test_frames_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "SAMM_CROP").mkdir(parents=True)
    with pytest.raises(DataError, match=r"samm: .* has no raw frames: .* --set dataset.frames=cropped"):
        Samm().frames(tmp_path, CLIP)
    with pytest.raises(DataError, match="does not exist"):
        Samm().frames(None, CLIP)


@pytest.fixture
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(_: object, numbers: list[int], size: tuple[int, int]) -> np.ndarray:
        return np.full((len(numbers), *size, 3), (10, 200, 30), dtype=np.uint8)

    monkeypatch.setattr(merbench.synthetic.rendering, "draw_raw_frames", drawn)


@pytest.mark.usefixtures("_plain")
def test_the_stand_in_reads_back(tmp_path: Path) -> None:
    Samm().mock(tmp_path, subjects=1, clips=6, seed=5)
    annotations = Samm().table(tmp_path)
    assert annotations.state == "v2 (part)"
    assert len(annotations.notes) == 1
    table = annotations.table
    assert Counter(table["subject"]) == {"006": 6}
    assert {"anger", "contempt", "happiness", "surprise", "other"} < set(table["emotion"])
    assert any("ref(43)" in cell for cell in table["action_units_annotated"])
    planned = Samm().plan_mock(Extent(subjects=1, clips=6, seed=5, frames="key"))
    assert table["action_units"].tolist() == [clip.row.action_units for clip in planned]
    names = set()
    for _, row in table.iterrows():
        found = Samm().frames(tmp_path, clip_of("samm", row))
        assert {row["onset"], row["apex"], row["offset"]} <= set(found)
        names.add(len(found[row["onset"]].stem))
        with Image.open(found[row["onset"]]) as image:
            assert (image.mode, image.size) == ("L", (960, 650))
    assert names == {8, 9}


def test_three_subjects_of_six_clips_have_every_objective_class(tmp_path: Path) -> None:
    Samm().mock(tmp_path, subjects=3, clips=6, seed=1, frames="none")
    task = labelled([Source(dataset=Samm(), root=tmp_path)], "objective", "middle")
    assert tuple(label for label, clips in task.counts.items() if clips) == ("I", "II", "III", "IV", "V")


def test_the_stand_in_has_the_preamble_and_the_bad_rows(tmp_path: Path) -> None:
    Samm().write_workbook(tmp_path, Samm().plan_mock(Extent(subjects=29, clips=1, seed=0, frames="key")))
    sheet = load_workbook(tmp_path / FILE)["MICRO_ONLY"]
    assert [cell.value for cell in sheet[14]][:2] == ["Subject", "Filename"]
    assert (sheet["A15"].value, sheet["G15"].value) == ("006", "=F15-D15+1")
    notes = Samm().table(tmp_path).notes
    assert any("028/028_4_1 (1071, 1143, 1134), 032/032_3_1 (4896, 1930, 4970)" in note for note in notes)
