"""Apexes that are looked for: against ground truth, and where frames are lacking."""

from pathlib import Path

import pytest

from merbench.annotations.clips import Clip, clip_of
from merbench.data.source import Source
from merbench.dataset import Dataset
from merbench.errors import FrameError
from merbench.inputs.apex_spotting import spot
from merbench.registry import datasets
from merbench.synthetic.mock_tree import write_mock


@pytest.fixture(scope="module")
def drawn() -> Source:
    kind = datasets.get("synthetic")
    return Source(dataset=kind(kind.Parameters().changed({"subjects": 3, "clips": 4})))


def clips_of(source: Source) -> list[Clip]:
    table = source.annotations().table
    return [clip_of(source.dataset.name, row) for _, row in table.iterrows()]


def test_spotted_apexes_lie_near_the_planted_ones(drawn: Source) -> None:
    clips = clips_of(drawn)
    assert all(clip.apex is not None for clip in clips)
    missed = [abs(spot(drawn, clip) - (clip.apex or 0)) / (clip.offset - clip.onset) for clip in clips]
    middles = [abs((clip.onset + clip.offset) // 2 - (clip.apex or 0)) / (clip.offset - clip.onset) for clip in clips]
    assert sorted(missed)[len(missed) // 2] < 0.15, (missed, middles)


def test_a_spotted_apex_is_kept(drawn: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = clips_of(drawn)[0]
    found = spot(drawn, clip)
    monkeypatch.setattr(Dataset, "read", None)
    monkeypatch.setattr(type(drawn.dataset), "read", None)
    assert spot(drawn, clip) == found


def test_too_few_frames_are_refused(tmp_path: Path) -> None:
    dataset = datasets.get("samm")()
    write_mock(dataset, tmp_path / "samm", subjects=1, clips=1)
    source = Source(dataset=dataset, root=tmp_path / "samm")
    [clip] = clips_of(source)
    for number, path in dataset.frames(source.root, clip).items():
        if number != clip.onset:
            path.unlink()
    fresh = Source(dataset=datasets.get("samm")(), root=tmp_path / "samm")
    with pytest.raises(FrameError, match="an apex cannot be spotted in 1 frame"):
        spot(fresh, clip)
