"""CASME in full size: the counts that must come out, the shapes of the real table, and its ledger of mends."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import merbench.synthetic.rendering
from merbench.annotations.clips import clip_of
from merbench.annotations.corrections import apply_corrections
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.datasets.casme import Casme
from merbench.datasets.casme.corrections import CORRECTIONS
from merbench.synthetic.mock_clips import Extent
from merbench.synthetic.mock_tree import write_mock

#: Row, counted from 0, clip, and the frames that public code reads for it.
BAD = {
    40: ("03/EP07_1", 100, 149),
    42: ("03/EP09_3", 101, 119),
    43: ("03/EP09_4", 57, 74),
    140: ("13/EP08_5", 125, 142),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A full table without frames."""
    out = tmp_path_factory.mktemp("casme-full")
    write_mock(Casme(), out, subjects=1, clips=1, full=True, frames="none")
    return out


def test_the_full_table_is_known_as_whole(root: Path) -> None:
    annotations = Casme().table(root)
    known = Casme.known["189-row"]
    assert (annotations.state, len(annotations.table), known.clips, known.subjects) == ("189-row", 189, 189, 18)
    assert Counter(annotations.table["emotion"]) == known.emotions
    assert Counter(annotations.table["subject"]) == known.by_subject
    assert sorted(path.name for path in root.iterdir()) == ["CASME.xlsx", "DRAWN-BY-MERBENCH.txt"]


def test_names_have_the_shapes_of_the_real_ones_and_recordings_hold_several_events(root: Path) -> None:
    table = Casme().table(root).table
    shapes = Counter(re.sub("[0-9]", "9", name) for name in table["clip"])
    assert shapes == {"EP99_9": 141, "EP99_9_9": 22, "EP99_99": 11, "EP99": 9, "EP99_9_99": 4, "EP99_99_9": 2}
    shared = Counter(zip(table["subject"], table["clip"], strict=True))
    assert (len(shared), sum(n for n in shared.values() if n > 1), shared["06", "EP02_5"]) == (170, 33, 6)
    assert table["onset"].lt(table["apex"]).all()
    for row, (clip, *_) in BAD.items():
        assert "/".join(table.loc[row, ["subject", "clip"]]) == clip


def test_frame_numbers_are_padded_from_the_93rd_row_on() -> None:
    clips = Casme().plan_mock(Extent(subjects=1, clips=1, seed=0, frames="key", full=True))
    assert [clip.digits for clip in clips] == [0] * 92 + [3] * 97


def test_mends_change_those_cells_and_no_other(root: Path) -> None:
    before = Source(dataset=Casme(), root=root).annotations()
    after = Source(dataset=Casme(), root=root, corrections="merbench-1").annotations()
    assert before.corrected == ()
    assert len(after.corrected) == len(CORRECTIONS) == 7
    assert after.corrected[-1].startswith("13/EP08_5: offset 148 -> 142 (")
    expected = before.table.copy()
    for row, (_, onset, offset) in BAD.items():
        expected.loc[row, ["onset", "offset"]] = [onset, offset]
    pd.testing.assert_frame_equal(after.table, expected)


def test_the_apexes_of_mended_clips_are_middle_frames_as_in_that_code(root: Path) -> None:
    task = labelled([Source(dataset=Casme(), root=root, corrections="merbench-1")], None, "middle")
    apexes = {key: int(task.clips.loc[key, "apex"]) for key in task.apexes}
    assert apexes == {"casme/03/EP07_1/100": 124, "casme/03/EP09_3/101": 110, "casme/03/EP09_4/57": 65}


def test_a_cell_that_is_right_already_or_stands_in_several_rows_is_left_alone() -> None:
    row = {"subject": "13", "clip": "EP08_5", "onset": 125, "apex": 130, "offset": 142, "emotion": "tense"}
    assert apply_corrections(pd.DataFrame([row]), CORRECTIONS, "merbench-1")[1] == ()
    events = pd.DataFrame([{**row, "offset": 150}, {**row, "onset": 200, "offset": 220}])
    assert apply_corrections(events, CORRECTIONS, "merbench-1")[1] == ()
    _, done = apply_corrections(events[:1], CORRECTIONS, "merbench-1")
    assert [(mend.clip, mend.old, mend.new) for mend in done] == [("13/EP08_5", "150", "142")]


def test_the_note_on_doubtful_rows_names_the_revision(root: Path) -> None:
    (note,) = Casme().table(root).notes
    assert "The corrections of merbench-1 take those of the code, but for 06/EP02_5." in note


def test_the_folders_hold_what_the_mends_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(_: object, numbers: list[int], size: tuple[int, int]) -> np.ndarray:
        return np.full((len(numbers), 4, 4, 3), 90, dtype=np.uint8)

    monkeypatch.setattr(merbench.synthetic.rendering, "draw_frames", drawn)
    monkeypatch.setattr(merbench.synthetic.rendering, "draw_raw_frames", drawn)
    Casme().mock(tmp_path, subjects=1, clips=1, seed=0, full=True)
    annotated, right = (Source(dataset=Casme(), root=tmp_path, corrections=mends) for mends in ("none", "merbench-1"))
    adapter = Casme()
    for row in BAD:
        clip = clip_of("casme", right.annotations().table.loc[row])
        found = adapter.frames(tmp_path, clip)
        assert set(range(clip.onset, clip.offset + 1)) <= set(found)
        assert clip_of("casme", annotated.annotations().table.loc[row]).offset not in found
