"""The mock tree of CASME II: written, it reads back as planned."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook
from PIL import Image

import merbench.synthetic.rendering
from merbench.annotations.action_units import parse
from merbench.annotations.clips import Clip
from merbench.datasets.casme2 import Casme2
from merbench.datasets.casme2.mock import CroppedClip, plan_clips
from merbench.datasets.casme2.schemes import FIVE_CLASS
from merbench.datasets.casme2.states import MOVED
from merbench.errors import MerbenchError, UsageError
from merbench.synthetic.mock_clips import Extent
from merbench.synthetic.mock_tree import key_numbers

STATES = ("2014", "2019", "256-row")


def grey(_: object, numbers: Sequence[int], size: tuple[int, int] = (480, 640)) -> np.ndarray:
    """Frames without a face, of which nothing but number and size matters."""
    return np.full((len(numbers), *size, 3), 128, dtype=np.uint8)


@pytest.fixture
def _grey(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merbench.synthetic.rendering, "draw_frames", grey)
    monkeypatch.setattr(merbench.synthetic.rendering, "draw_raw_frames", grey)


def adapter(state: str = "2014", frames: str = "cropped") -> Casme2:
    """The adapter that writes that state and reads those frames."""
    return Casme2(Casme2.Parameters(mock_state=state, frames=frames))


def write(
    out: Path, state: str = "2014", subjects: int = 4, clips: int = 3, frames: str = "key"
) -> list[tuple[int, int]]:
    """Write a tree and return the progress that was told."""
    told: list[tuple[int, int]] = []
    adapter(state).mock(
        out, subjects=subjects, clips=clips, seed=5, progress=lambda *step: told.append(step), frames=frames
    )
    return told


def planned_tree(*, subjects: int, clips: int, seed: int, state: str) -> tuple[CroppedClip, ...]:
    """The clips of a mock tree."""
    return plan_clips(Extent(subjects=subjects, clips=clips, seed=seed, frames="key"), state)


def clip_of(planned: CroppedClip) -> Clip:
    """The clip as a protocol hands it to the adapter."""
    row = planned.row
    return Clip(dataset="casme2", subject=row.subject, name=row.clip, onset=row.onset, apex=row.apex, offset=row.offset)


@pytest.mark.usefixtures("_grey")
@pytest.mark.parametrize("state", STATES)
def test_the_table_reads_back_as_planned(tmp_path: Path, state: str) -> None:
    told = write(tmp_path, state)
    assert told == [(done, 12) for done in range(1, 13)]
    annotations = adapter(state).table(tmp_path)
    planned = planned_tree(subjects=4, clips=3, seed=5, state=state)
    names = [*annotations.table.columns.drop("fps")]
    read = annotations.table[names].astype(object).where(annotations.table[names].notna(), None)
    expected = [
        [clip.row.more[name] if name in clip.row.more else getattr(clip.row, name) for name in names]
        for clip in planned
    ]
    assert read.to_numpy().tolist() == expected
    assert ("objective_class" in names) == (state == "2019")


@pytest.mark.usefixtures("_grey")
@pytest.mark.parametrize("frames", ["key", "all"])
@pytest.mark.parametrize("variant", ["cropped", "raw"])
def test_the_frames_read_back_as_planned(tmp_path: Path, frames: str, variant: str) -> None:
    write(tmp_path, clips=1, frames=frames)
    reader = adapter(frames=variant)
    for clip in planned_tree(subjects=4, clips=1, seed=5, state="2014"):
        found = reader.frames(tmp_path, clip_of(clip))
        assert list(found) == clip.numbers(frames)
        with Image.open(found[clip.row.onset]) as image:
            assert (image.height, image.width) == (clip.crop if variant == "cropped" else (480, 640))


def test_faces_are_drawn(tmp_path: Path) -> None:
    write(tmp_path, subjects=1, clips=1)
    (clip,) = planned_tree(subjects=1, clips=1, seed=5, state="2014")
    numbers = [clip.row.onset, clip.plan.apex]
    for variant, drawn in (
        ("cropped", merbench.synthetic.rendering.draw_frames(clip.plan, numbers, clip.crop)),
        ("raw", merbench.synthetic.rendering.draw_raw_frames(clip.plan, numbers)),
    ):
        found = adapter(frames=variant).frames(tmp_path, clip_of(clip))
        for number, expected in zip(numbers, drawn, strict=True):
            with Image.open(found[number]) as image:
                assert np.abs(np.asarray(image, dtype=float) - expected).mean() < 4


@pytest.mark.usefixtures("_grey")
def test_the_workbook_looks_as_distributed(tmp_path: Path) -> None:
    write(tmp_path, clips=6)
    workbook = load_workbook(tmp_path / "CASME2-coding-20140508.xlsx")
    assert workbook.sheetnames == ["Sheet1", "Sheet2", "Sheet3"]
    header, *rows = workbook["Sheet1"].iter_rows(values_only=True)
    assert header[:3] + header[6:] == ("Subject", "Filename", None, None, "Action Units", "Estimated Emotion")
    assert [row[1] for row in rows if row[4] == "/"] == ["EP12_01f"]
    assert {type(row[7]) for row in rows} == {int, str}
    assert any(unit.side for row in rows for unit in parse(row[7]))
    assert all(isinstance(row[0], str) and len(row[0]) == 2 for row in rows)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "CASME2-ObjectiveClasses.xlsx",
        "CASME2-coding-20140508.xlsx",
        "CASME2_RAW_selected",
        "Cropped",
        "DRAWN-BY-MERBENCH.txt",
    ]


def test_a_plan_is_the_same_for_the_same_seed_only() -> None:
    def rows(seed: int) -> list[object]:
        return [clip.row for clip in planned_tree(subjects=3, clips=4, seed=seed, state="2014")]

    assert rows(1) == rows(1)
    assert rows(1) != rows(2)


def test_a_subject_does_not_depend_on_how_many_there_are() -> None:
    few, many = (planned_tree(subjects=count, clips=4, seed=0, state="2014") for count in (2, 5))
    assert many[: len(few)] == few


@pytest.mark.parametrize("state", STATES)
def test_a_large_plan_has_the_shape_of_the_real_table(state: str) -> None:
    planned = planned_tree(subjects=26, clips=10, seed=0, state=state)
    lengths = [clip.row.offset - clip.row.onset + 1 for clip in planned]
    assert (min(lengths) >= 24, max(lengths) <= 141) == (True, True)
    assert 54 <= np.median(lengths) <= 68
    assert all(clip.row.onset > 1 and clip.row.onset < clip.plan.apex <= clip.row.offset for clip in planned)
    assert len({(clip.row.subject, clip.row.clip) for clip in planned}) == 260
    assert sum(clip.row.clip == "EP09f" for clip in planned) == 1
    emotions = Counter(clip.row.emotion for clip in planned)
    assert all(emotions[emotion] > 30 for emotion in FIVE_CLASS.classes)
    assert 4 <= emotions["sadness"] + emotions["fear"] <= 20
    _check_subject_24({f"{clip.row.subject}/{clip.row.clip}": clip for clip in planned}, state)


def _check_subject_24(planned: dict[str, CroppedClip], state: str) -> None:
    assert {planned[clip].row.emotion for clip in MOVED} == {"surprise" if state == "2019" else "sadness"}
    assert ("24/EP02_07" in planned) == (state == "256-row")
    if state == "256-row":
        row = planned["24/EP02_07"].row
        assert (row.emotion, row.onset, row.apex, row.offset) == ("disgust", 61, 91, 106)


def test_most_subjects_show_every_main_emotion() -> None:
    planned = planned_tree(subjects=4, clips=5, seed=0, state="2014")
    shown = [{clip.row.emotion for clip in planned if clip.row.subject == f"0{number}"} for number in range(1, 5)]
    assert sum(set(FIVE_CLASS.classes) <= emotions for emotions in shown) >= 3


def test_key_frames_hold_what_readers_ask_for() -> None:
    onset, apex, offset = 46, 59, 86
    numbers = key_numbers(onset, apex, offset)
    assert numbers == sorted(set(numbers))
    assert (numbers[0], numbers[-1], apex in numbers) == (onset, offset, True)
    for first, last in ((onset, apex), (apex, offset)):
        assert {round(first + step * (last - first) / 4) for step in range(5)} <= set(numbers)
    assert key_numbers(7, 8, 8) == [7, 8]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"subjects": 0}, "subjects=0 is not possible for a mock tree: it must be from 1 to 26"),
        ({"subjects": 27}, "subjects=27"),
        ({"clips": 0}, "clips=0"),
        ({"seed": -1}, "seed=-1"),
        ({"frames": "some"}, "frames=some is not possible for a mock tree: it must be one of key, all, none"),
    ],
)
def test_an_impossible_tree_is_refused(tmp_path: Path, changes: dict[str, int], sentence: str) -> None:
    asked = {"subjects": 1, "clips": 1, "seed": 0, "progress": lambda *_: None, **changes}
    with pytest.raises(UsageError, match=sentence):
        Casme2().mock(tmp_path / "out", **asked)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(UsageError, match=r"holds mine.txt, but a mock tree needs an empty folder"):
        write(tmp_path)
    with pytest.raises(UsageError, match="cannot be made a folder"):
        write(tmp_path / "mine.txt")


def test_a_failure_stops_the_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> np.ndarray:
        raise MerbenchError("no face")

    monkeypatch.setattr(merbench.synthetic.rendering, "draw_raw_frames", broken)
    with pytest.raises(MerbenchError, match="no face"):
        write(tmp_path)
