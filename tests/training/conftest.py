"""A tiny network, sixteen clips of noise with a ground-truth class, and what trains one on the other."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from merbench.entries.recipe import Training
from merbench.inputs import Frames, Inputs
from merbench.inputs.prepared import PreparedFrames, PreparedInputs
from merbench.method import NetworkMethod, TrainInfo
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fit import FoldJob, TrainedFold, fit_folds
from merbench.training.numerics import Numerics, choose
from merbench.training.randomness import Dropout, DropPath

CLIPS, SIZE, CLASSES = 16, 8, 2


class TinyNetwork(nn.Module):
    """The difference of two frames, averaged by quarters, through a small layer with dropout."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(2)
        self.hidden = nn.Linear(12, 8)
        self.dropout = nn.Sequential(Dropout(0.2), DropPath(0.2))
        self.head = nn.Linear(8, classes)

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        features = self.hidden(self.pool(apex - onset).flatten(1))
        return self.head(self.dropout(torch.relu(features)))


class Tiny(NetworkMethod):
    """The tiny network as a method."""

    name = "tiny"
    title = "Made for a test"
    family = "image network"

    def inputs(self) -> Inputs:
        return Inputs(frames=Frames(at=("onset", "apex"), size=(SIZE, SIZE)))

    def network(self, train: TrainInfo) -> nn.Module:
        return TinyNetwork(len(train.classes))


def labels() -> np.ndarray:
    return np.arange(CLIPS) % CLASSES


def prepared_frames() -> PreparedFrames:
    """Frames whose left half brightens for class 1; windows of one to three frames."""
    draws = np.random.default_rng(0)
    images = draws.integers(60, 120, (CLIPS, 2, 3, 3, SIZE, SIZE), dtype=np.uint8)
    images[labels() == 1, 1, ..., : SIZE // 2] += 100
    counts = draws.integers(1, 4, (CLIPS, 2))
    return PreparedFrames(
        declaration=Frames(at=("onset", "apex"), size=(SIZE, SIZE)),
        images=images,
        counts=counts,
        annotated=draws.integers(0, counts),
    )


def fold_job(name: str, watch: range, seen: np.ndarray | None = None) -> FoldJob:
    """A training that watches some clips and is trained on the others."""
    train = np.setdiff1d(np.arange(CLIPS), np.array(watch))
    info = TrainInfo(
        classes=("a", "b"),
        labels=(labels() if seen is None else seen)[train],
        subjects=tuple(f"d/{clip // 4}" for clip in train),
        action_units=((),) * len(train),
    )
    return FoldJob(name=name, train=train, held_out=np.array(watch), info=info)


@pytest.fixture(autouse=True)
def _own_threads() -> Any:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def prepared() -> PreparedFrames:
    """Prepared frames of 16 clips."""
    return prepared_frames()


@pytest.fixture
def numerics() -> Numerics:
    """float32 on one thread of the CPU."""
    return choose("cpu", "float32", threads=1)


@pytest.fixture
def tasks() -> list[FoldJob]:
    """Four folds of four clips."""
    return [fold_job(f"d/{place}", range(4 * place, 4 * place + 4)) for place in range(4)]


@pytest.fixture
def make_task() -> Callable[..., FoldJob]:
    """The function that makes a training which watches some clips."""
    return fold_job


Fit = Callable[..., list[TrainedFold]]


@pytest.fixture
def fit(prepared: PreparedFrames) -> Fit:
    """A function that trains the tiny method, or another, on tasks by a recipe's settings."""

    def trained(
        tasks: list[FoldJob],
        method: NetworkMethod | None = None,
        seed: int = 0,
        precision: str = "float32",
        **given: Any,
    ) -> list[TrainedFold]:
        numerics = choose("cpu", precision, threads=1)
        on_epoch = given.pop("on_epoch", lambda fold, epoch, probabilities: None)
        settings = {"epochs": 3, "batch": 5, "flip": 0.5, "rotation": 5.0, "pad": 20.0, "learning_rate": 0.01, **given}
        return fit_folds(
            method or Tiny(),
            Training(**settings),
            tasks,
            DeviceInputs(PreparedInputs(count=CLIPS, frames=prepared), numerics),
            seed=seed,
            numerics=numerics,
            on_epoch=on_epoch,
        )

    return trained
