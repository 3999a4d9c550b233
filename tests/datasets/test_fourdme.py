"""4DME: its workbook as public code reads it, emotions shown at once, its frame files, and its mock tree."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook
from PIL import Image

import merbench.synthetic.rendering
from merbench.annotations.clips import COLUMNS, Annotations, Clip, clip_of
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.datasets.fourdme import FourDme
from merbench.errors import AnnotationError

Line = list[object]

FILE = "4DME_Labelling_Micro_release v1.xlsx"
EMOTIONS = ["Positive", "Negative", "Surprise", "Repression", "Others"]
HEADERS: list[str] = ["sub_ID", "fold_name", "Onset", "Apex", "Offset", "AUs", "Emotion", *EMOTIONS, "AU4", "Total"]


def line(clip: str, emotion: str = "Positive", units: str = "AU4(k)+L7", **changes: object) -> Line:
    """One row of the workbook."""
    marks = [int(name in emotion) for name in EMOTIONS]
    cells = dict(zip(HEADERS, ["s01", clip, 12.0, 20.0, 31.0, units, emotion, *marks, 1, 2], strict=True))
    return list({**cells, **changes}.values())


def read(root: Path, *lines: Line, headers: list[str] = HEADERS) -> Annotations:
    """The annotations of a workbook of those rows."""
    workbook = Workbook()
    for row in (headers, *lines):
        workbook.worksheets[0].append(row)
    workbook.save(root / FILE)
    return FourDme().table(root)


TOTALS: Line = [None] * 7 + [1, 1, 1, 0, 0, 3, 6]


def test_its_card_says_unverified() -> None:
    assert "Unverified throughout" in str(FourDme.__doc__)
    assert (dict(FourDme.known), FourDme.corrections) == ({}, ())
    assert all(not scheme.counts for scheme in FourDme.schemes)


@pytest.mark.parametrize("ending", ["", "'"])
@pytest.mark.parametrize("subject", ["sub_ID", "SubID"])
def test_the_columns_with_and_without_apostrophes(tmp_path: Path, subject: str, ending: str) -> None:
    headers = [f"{header}{ending}" for header in (subject, *HEADERS[1:])]
    table = read(tmp_path, line("a"), line("b", "Negative", "4+7"), headers=headers).table
    assert tuple(table.columns) == (*COLUMNS, "action_units_annotated", "emotion_first")
    assert table.loc[0, ["subject", "clip", "onset", "apex", "offset", "emotion"]].tolist() == [
        "s01", "a", 12, 20, 31, "positive"]  # fmt: skip
    assert table["action_units"].tolist() == ["L7", "4+7"]
    assert table["action_units_annotated"].tolist() == ["AU4(k)+L7", "4+7"]
    assert set(table["fps"]) == {60.0}


def test_a_last_row_without_a_clip_is_left_out_and_noted(tmp_path: Path) -> None:
    annotations = read(tmp_path, line("a"), line("b"), TOTALS)
    assert len(annotations.table) == 2
    assert "row 4: the last row names no clip; it is taken for totals and left out." in annotations.notes[0]
    with pytest.raises(AnnotationError, match=r"row 3: Onset is '', but it must be a whole number"):
        read(tmp_path, line("a"), TOTALS, line("b"))


def test_emotions_shown_at_once_belong_where_the_scheme_says(tmp_path: Path) -> None:
    rows = [
        line("a"),
        line("b", "Negative"),
        line("c", "Surprise + Positive"),
        line("d", "Surprise"),
        line("e", "Repression"),
        line("f", "Other", Others=1),
        line("g", "Positive/Negative"),
    ]
    annotations = read(tmp_path, *rows)
    assert annotations.table["emotion"].tolist()[2:] == [
        "surprise+positive", "surprise", "repression", "others", "positive+negative"]  # fmt: skip
    assert any("several emotions at once, and the scheme decides, in s01/c, s01/g." in x for x in annotations.notes)
    tasks = {
        scheme.name: labelled([Source(dataset=FourDme(), root=tmp_path)], scheme.name, "middle")
        for scheme in FourDme.schemes
    }
    assert list(tasks) == ["5-class", "5-class-first", "3-class"]
    assert set(tasks["5-class"].counts.values()) == {1}
    assert [lost.reason for lost in tasks["5-class"].left_out] == ["surprise+positive", "positive+negative"]
    assert tasks["5-class-first"].counts == {
        "positive": 2, "negative": 1, "surprise": 2, "repression": 1, "others": 1}  # fmt: skip
    assert tasks["5-class-first"].left_out == ()
    assert tasks["3-class"].counts == {"negative": 2, "positive": 1, "surprise": 1}
    assert [lost.reason for lost in tasks["3-class"].left_out] == ["surprise+positive", "others", "positive+negative"]


def test_text_and_marks_that_differ_are_noted(tmp_path: Path) -> None:
    notes = read(tmp_path, line("a"), line("b", "Negative", Negative=0, Surprise=1)).notes
    assert any("which is read, in row 3 (negative, marked surprise)." in note for note in notes)
    assert "unrecognised" in read(tmp_path, line("a", "Joy")).state


def test_a_frame_that_is_no_whole_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"row 3: Apex is '20.5', but it must be a whole number"):
        read(tmp_path, line("a"), line("b", Apex=20.5))
    with pytest.raises(AnnotationError, match=r"sub_ID is 'a/b', but it must be the name of a folder"):
        read(tmp_path, line("a", sub_ID="a/b"))


@pytest.mark.parametrize(
    ("home", "name", "variant"),
    [("gray_micro", "Frame_{:09d}.jpg", "raw"), ("gray_micro_crop", "{}.jpg", "cropped")],
)
def test_frames(tmp_path: Path, home: str, name: str, variant: str) -> None:
    folder = tmp_path / home / "s01" / "a"
    folder.mkdir(parents=True)
    for number in (12, 20, 31):
        (folder / name.format(number)).touch()
    clip = Clip(dataset="4dme", subject="s01", name="a", onset=12, apex=20, offset=31)
    assert list(FourDme(FourDme.Parameters(frames=variant)).frames(tmp_path, clip)) == [12, 20, 31]


def test_the_whole_stand_in_has_267_clips(tmp_path: Path) -> None:
    FourDme().mock(tmp_path, subjects=1, clips=1, seed=0, frames="none", full=True)
    annotations = FourDme().table(tmp_path)
    assert (annotations.state, len(annotations.table)) == ("267-row", 267)
    assert annotations.table["subject"].nunique() == 41
    assert len(annotations.notes) == 2  # the totals, and the emotions shown at once
    assert annotations.table["action_units_annotated"].str.contains("(k)", regex=False).any()


def test_the_stand_in_reads_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(_: object, numbers: list[int], size: tuple[int, int]) -> np.ndarray:
        return np.full((len(numbers), *size, 3), (10, 200, 30), dtype=np.uint8)

    monkeypatch.setattr(merbench.synthetic.rendering, "draw_raw_frames", drawn)
    FourDme().mock(tmp_path, subjects=2, clips=6, seed=5)
    table = FourDme().table(tmp_path).table
    assert Counter(table["subject"]) == {"s01": 6, "s02": 6}
    assert table["emotion"].str.contains("+", regex=False).sum() == 2
    for _, row in table.iterrows():
        found = FourDme().frames(tmp_path, clip_of("4dme", row))
        assert {row["onset"], row["apex"], row["offset"]} <= set(found)
        assert found[row["onset"]].name == f"Frame_{row['onset']:09d}.jpg"
        with Image.open(found[row["onset"]]) as image:
            assert (image.mode, image.size) == ("L", (320, 240))
