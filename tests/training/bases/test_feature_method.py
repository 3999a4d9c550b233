"""Hand-crafted methods: features once a clip, and of that clip alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from merbench.errors import EntryError
from merbench.inputs import Inputs
from merbench.method import Samples, TrainInfo
from merbench.training.bases.feature_method import FeatureMethod


class Sums(FeatureMethod):
    """The sum and the first pixel of a clip; `asked` counts clips."""

    name = "sums"
    title = "Made for a test"
    family = "hand-crafted"

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []

    def inputs(self) -> Inputs:
        return Inputs()

    def features(self, samples: Samples) -> npt.NDArray[np.float32]:
        self.asked.append(samples.count)
        [grey] = samples.arrays
        assert samples.frames is None or len(samples.frames) == samples.count
        return np.stack([grey.sum(axis=(1, 2)), grey[:, 0, 0]], axis=1).astype(np.float32)


def samples(count: int, start: int = 0) -> Samples:
    """Clips that are brighter the later they come; those of odd number are of class 1."""
    grey = np.arange(start, start + count, dtype=np.float32)[:, None, None] % 2 + np.eye(3, dtype=np.float32)
    grey[:, 2, 2] = np.arange(start, start + count)
    return Samples(count=count, arrays=(grey,))


def info(count: int) -> TrainInfo:
    labels = np.arange(count) % 2
    return TrainInfo(classes=("even", "odd"), labels=labels, subjects=("a",) * count, action_units=((),) * count)


def test_features_are_computed_once_a_clip_for_all_folds() -> None:
    method = Sums()
    first = method.fit(info(40), samples(40), np.random.default_rng(0)).probabilities(samples(10, start=40))
    assert method.asked == [32, 8, 10]
    again = method.fit(info(40), samples(40), np.random.default_rng(1)).probabilities(samples(10, start=40))
    assert method.asked == [32, 8, 10]
    np.testing.assert_array_equal(first, again)
    assert first.argmax(axis=1).tolist() == [0, 1] * 5


def test_clips_that_differ_in_frames_alone_are_told_apart() -> None:
    method = Sums()
    one = samples(2)
    frames = np.zeros((2, 1, 4, 4, 3), np.uint8)
    method._features(Samples(count=2, arrays=one.arrays, frames=frames))
    method._features(Samples(count=2, arrays=one.arrays, frames=frames + np.uint8(1)))
    assert method.asked == [2, 2]


@pytest.mark.parametrize("fault", [np.full((2, 3), np.nan), np.zeros((3, 2)), np.zeros(2)])
def test_features_that_cannot_be_are_refused(fault: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    method = Sums()
    monkeypatch.setattr(method, "features", lambda samples: fault)
    with pytest.raises(EntryError, match=r"sums: features must be finite and \(clip value\) with 2 clips"):
        method.fit(info(2), samples(2), np.random.default_rng(0))
