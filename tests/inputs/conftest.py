"""A dataset of frame files that notes what is read of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from merbench.annotations.clips import Annotations, Clip
from merbench.data.source import Source
from merbench.dataset import Dataset


class Spied(Dataset):
    """Frames ``CLIP/NUMBER.png``; `reads` holds the numbers that were read, by clip name."""

    name = "spied"
    title = "Made for a test"

    def __init__(self) -> None:
        super().__init__()
        self.reads: dict[str, list[int]] = {}
        self.fault: Exception | None = None

    def table(self, root: Path | None) -> Annotations:
        raise NotImplementedError

    def frames(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        assert root is not None
        return {int(path.stem): path for path in (root / clip.name).glob("*.png")}

    def read(self, root: Path | None, clip: Clip, numbers: Sequence[int]) -> list[np.ndarray]:
        self.reads.setdefault(clip.name, []).extend(numbers)
        if self.fault is not None:
            raise self.fault
        return super().read(root, clip, numbers)


def picture(clip: str, number: int) -> np.ndarray:
    """The frame `(6 8 rgb)` that lies on disk for a number: never the same twice."""
    draws = np.random.default_rng([ord(clip), number])
    return draws.integers(0, 256, (6, 8, 3), dtype=np.uint8)


@pytest.fixture
def clips() -> list[Clip]:
    """Three clips of 30 frames, given out of order."""
    return [
        Clip(dataset="spied", subject="01", name=name, onset=0, apex=apex, offset=29)
        for name, apex in (("c", 20), ("a", 8), ("b", 12))
    ]


@pytest.fixture
def source(tmp_path: Path, clips: list[Clip]) -> Source:
    """The source of those clips, all frames on disk."""
    root = tmp_path / "data"
    for clip in clips:
        (root / clip.name).mkdir(parents=True)
        for number in range(clip.onset, clip.offset + 1):
            Image.fromarray(picture(clip.name, number)).save(root / clip.name / f"{number}.png")
    return Source(dataset=Spied(), root=root)


@pytest.fixture
def sources(source: Source) -> dict[str, Source]:
    return {"spied": source}


@pytest.fixture
def on_disk() -> object:
    """The function that gives the frame which lies on disk."""
    return picture
