"""CASME: its workbook's oddities, its scheme, its frame files, its mock tree, and what is refused."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import xlwt
from openpyxl import Workbook, load_workbook
from PIL import Image

import merbench.synthetic.rendering
from merbench.annotations.clips import COLUMNS, Annotations, Clip, clip_of
from merbench.datasets.casme import Casme
from merbench.errors import AnnotationError, DataError
from merbench.synthetic.mock_clips import Extent

Line = list[object]

HEADERS: Line = ["Subject", "Filename", None, "OnsetF", "ApexF1", "ApexF2", "OffsetF", None, "AU", "Emotion"]
COUNTS = {
    "tense": 68,
    "disgust": 45,
    "repression": 39,
    "surprise": 20,
    "happiness": 7,
    "sadness": 6,
    "contempt": 2,
    "fear": 2,
}


def line(
    clip: str, emotion: str = "tense", frames: tuple[object, object, object] = (10, 18, 30), units: object = "4+7"
) -> Line:
    """One row of the workbook; `clip` is ``subject/clip``."""
    subject, _, name = clip.partition("/")
    return [int(subject), name, None, *frames[:2], None, frames[2], None, units, emotion]


def save(path: Path, lines: list[Line], headers: Line | None = None) -> Path:
    """A workbook of those rows, in the old format or the new one by its ending."""
    rows = [HEADERS if headers is None else headers, *lines]
    if path.suffix == ".xlsx":
        workbook = Workbook()
        for row in rows:
            workbook.worksheets[0].append(row)
        workbook.save(path)
        return path
    old = xlwt.Workbook()
    sheet = old.add_sheet("Sheet1")
    for at, row in enumerate(rows):
        for place, cell in enumerate(row):
            sheet.write(at, place, cell)
    old.save(str(path))
    return path


def read(root: Path, lines: list[Line], headers: Line | None = None, file: str = "CASME.xls") -> Annotations:
    """The annotations of a workbook of those rows."""
    root.mkdir(exist_ok=True)
    save(root / file, lines, headers)
    return Casme().table(root)


def full() -> list[Line]:
    """Mock clips, as many of each emotion as the file has, of its 18 subjects."""
    emotions = Counter(COUNTS).elements()
    return [line(f"{n % 18 + 1}/EP{n // 18 + 30}_{n % 7}", emotion) for n, emotion in enumerate(emotions)]


@pytest.mark.parametrize("file", ["CASME.xls", "casme.xlsx"])
def test_the_columns_in_the_old_and_the_new_format(tmp_path: Path, file: str) -> None:
    second = line("18/EP03", " Disgust ", units=4)
    second[5] = 21
    table = read(tmp_path, [line("1/EP01_5"), second], file=file).table
    assert tuple(table.columns) == (*COLUMNS, "action_units_annotated", "apex_2")
    assert table["subject"].tolist() == ["01", "18"]
    assert table["clip"].tolist() == ["EP01_5", "EP03"]
    assert table["emotion"].tolist() == ["tense", "disgust"]
    assert table["action_units"].tolist() == ["4+7", "4"]
    assert table["apex"].tolist() == [18, 18]
    assert table["apex_2"].tolist() == ["", "21"]
    assert table["fps"][0] == 60.0


def test_a_copy_without_second_apex_and_action_units(tmp_path: Path) -> None:
    kept = [0, 1, 3, 4, 6, 9]
    table = read(tmp_path, [[line("1/EP01_5")[at] for at in kept]], [HEADERS[at] for at in kept]).table
    assert "apex_2" not in table.columns
    assert table["action_units"].tolist() == [""]


def test_a_copy_without_offsets_is_refused(tmp_path: Path) -> None:
    kept = [0, 1, 3, 4, 9]
    with pytest.raises(AnnotationError, match="there is no OffsetF; add what is lacking"):
        read(tmp_path, [[line("1/EP01_5")[at] for at in kept]], [HEADERS[at] for at in kept])


def test_one_recording_may_hold_several_events(tmp_path: Path) -> None:
    events = [line("6/EP02_5", frames=(onset, onset + 5, onset + 20)) for onset in (10, 60, 110)]
    annotations = read(tmp_path, events)
    assert annotations.table["onset"].tolist() == [10, 60, 110]
    assert "public code reads other frames than annotated for 06/EP02_5" in annotations.notes[1]
    with pytest.raises(AnnotationError, match="stands in row 2 too, with subject 06 and onset 10"):
        read(tmp_path, [events[0], events[0]])


def test_a_missing_apex_stays_missing(tmp_path: Path) -> None:
    lines = [line(f"{n}/EP01_1", frames=(10, cell, 30)) for n, cell in enumerate(("/", "", None, 99), start=1)]
    annotations = read(tmp_path, lines)
    assert annotations.table["apex"].isna().tolist() == [True, True, True, False]
    assert "the apex lies outside the clip, and --apex decides, for 04/EP01_1 (10, 99, 30)." in annotations.notes[-1]


# --- frames and the mock --------------------------------------------------------------------------------------

CLIP = Clip(dataset="casme", subject="01", name="EP01_5", onset=9, apex=10, offset=11)


@pytest.mark.parametrize(
    ("home", "variant", "prefix"), [("Cropped", "cropped", "reg_"), ("CASME_raw_selected", "raw", "")]
)
@pytest.mark.parametrize("digits", [1, 3])
def test_frames_padded_or_not(tmp_path: Path, home: str, variant: str, prefix: str, digits: int) -> None:
    folder = tmp_path / home / "sub01" / "EP01_5"
    folder.mkdir(parents=True)
    names = [f"{prefix}EP01_5-{number:0{digits}d}.jpg" for number in (9, 10, 11)]
    for name in (*names, f"{prefix}EP01_55-001.jpg", "Thumbs.db"):
        (folder / name).touch()
    assert list(Casme(Casme.Parameters(frames=variant)).frames(tmp_path, CLIP)) == [9, 10, 11]


def test_frames_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "CASME_raw_selected").mkdir(parents=True)
    with pytest.raises(DataError, match=r"has no cropped frames: .* --set dataset.frames=raw"):
        Casme().frames(tmp_path, CLIP)


@pytest.fixture
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(_: object, numbers: list[int], size: tuple[int, int]) -> np.ndarray:
        return np.full((len(numbers), *size, 3), 90, dtype=np.uint8)

    monkeypatch.setattr(merbench.synthetic.rendering, "draw_frames", drawn)
    monkeypatch.setattr(merbench.synthetic.rendering, "draw_raw_frames", drawn)


@pytest.mark.usefixtures("_plain")
def test_the_stand_in_reads_back(tmp_path: Path) -> None:
    Casme().mock(tmp_path, subjects=2, clips=5, seed=5)
    table = Casme().table(tmp_path).table
    assert {"tense", "disgust", "repression", "surprise"} < set(table["emotion"])
    assert set(table["apex_2"]) > {""}
    assert max(Counter(zip(table["subject"], table["clip"], strict=True)).values()) == 2
    for variant in ("cropped", "raw"):
        adapter = Casme(Casme.Parameters(frames=variant))
        for _, row in table.iterrows():
            found = adapter.frames(tmp_path, clip_of("casme", row))
            assert {row["onset"], row["apex"], row["offset"]} <= set(found)
            number = found[row["onset"]].stem.rpartition("-")[2]
            assert (len(number) == 3) == (row["subject"] == "02" or row["onset"] > 99)
    with Image.open(found[table["onset"].iloc[-1]]) as image:
        assert image.size == (640, 480)
    header, first, *_ = load_workbook(tmp_path / "CASME.xlsx").worksheets[0].iter_rows(values_only=True)
    assert list(header) == HEADERS
    assert first[0] == 1


def test_the_names_have_all_shapes_and_no_clip_is_there_twice(tmp_path: Path) -> None:
    invented = Casme().plan_mock(Extent(subjects=18, clips=12, seed=1, frames="key"))
    rows = [clip.row for clip in invented]
    assert {name.count("_") for name in (row.clip for row in rows)} == {0, 1, 2}
    assert len({(row.subject, row.clip, row.onset) for row in rows}) == len(rows)
