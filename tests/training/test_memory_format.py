"""Images in memory: contiguous or channels last, measured on a CPU, recorded, and the same network either way."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import Tensor, nn

from merbench.entries.recipe import Training
from merbench.errors import UsageError
from merbench.inputs.prepared import PreparedFrames, PreparedInputs
from merbench.method import TrainInfo
from merbench.training import autotune
from merbench.training.autotune import choose_parallelism
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fit import fit_folds
from merbench.training.fold_job import FoldJob
from merbench.training.numerics import Numerics, choose
from merbench.training.serial import FoldTrainer
from tests.training.conftest import CLIPS, Tiny

RECIPE = Training(epochs=2, batch=5)


class ConvolvedNetwork(nn.Module):
    """The difference of two frames through a 2D convolution and a layer."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 4, 3, padding=1)
        self.head = nn.Linear(4, classes)

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        return self.head(torch.relu(self.convolution(apex - onset)).mean((2, 3)))


class Convolved(Tiny):
    """The network as a method."""

    def network(self, train: TrainInfo) -> nn.Module:
        return ConvolvedNetwork(len(train.classes))


@pytest.fixture
def inputs(prepared: PreparedFrames) -> DeviceInputs:
    return DeviceInputs(PreparedInputs(count=CLIPS, frames=prepared), choose("cpu", "float32", threads=1))


def in_format(name: str, precision: str = "float64") -> Numerics:
    return choose("cpu", precision, threads=1, memory_format=name)


@pytest.mark.parametrize("name", ["contiguous", "channels-last"])
def test_weights_and_images_have_the_format_that_was_chosen(
    name: str, inputs: DeviceInputs, tasks: list[FoldJob]
) -> None:
    fold = FoldTrainer(Convolved(), RECIPE, tasks[0], inputs, 0, in_format(name, "float32"))
    views, _ = next(fold.inputs.batches(fold.sample_plan()))
    memory_format = torch.contiguous_format if name == "contiguous" else torch.channels_last
    images = [*views, *fold.inputs.held_out(torch.arange(3))]
    weights = [weight for weight in fold.new_network().parameters() if weight.ndim == 4]
    assert images
    assert weights
    assert all(each.is_contiguous(memory_format=memory_format) for each in [*images, *weights])


def test_both_formats_train_the_same_network(prepared: PreparedFrames, tasks: list[FoldJob]) -> None:
    trained = []
    for name in ("contiguous", "channels-last"):
        chosen = in_format(name)
        inputs = DeviceInputs(PreparedInputs(count=CLIPS, frames=prepared), chosen)
        trained.append(fit_folds(Convolved(), RECIPE, tasks[:1], inputs, seed=0, numerics=chosen)[0])
    first, second = trained
    assert abs(first.probabilities - second.probabilities).max() < 1e-9


@pytest.mark.parametrize(("contiguous", "chosen"), [(0.5, False), (0.95, True), (2.0, True)])
def test_the_faster_one_is_taken_where_it_gains_a_tenth(
    contiguous: float,
    chosen: bool,
    inputs: DeviceInputs,
    tasks: list[FoldJob],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(autotune, "WORTH", 0)
    monkeypatch.setattr(autotune.Probe, "seconds", lambda probe, way: 1.0 if way.channels_last else contiguous)
    notes: list[str] = []
    open_ = choose("cpu", "float32", threads=1, parallel_folds=1)
    found = choose_parallelism(Convolved(), RECIPE, tasks, inputs, seed=0, numerics=open_, on_note=notes.append)
    assert found == dataclasses.replace(open_, channels_last=chosen)
    assert f"contiguous images take {contiguous:.2f} of the time of channels last" in notes[0]


def test_a_short_run_is_channels_last_without_a_probe(
    inputs: DeviceInputs, tasks: list[FoldJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autotune.Probe, "seconds", lambda probe, way: pytest.fail("a probe"))
    found = choose_parallelism(
        Convolved(), RECIPE, tasks, inputs, seed=0, numerics=choose("cpu", "float32", threads=1, parallel_folds=1)
    )
    assert found.channels_last is True


def test_a_record_from_before_the_choice_was_recorded_is_channels_last() -> None:
    record = {name: value for name, value in in_format("channels-last").record().items() if name != "channels_last"}
    assert Numerics.from_record(record).channels_last is True
    assert "channels_last True then, False now" in in_format("contiguous").differences(record)


def test_a_format_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^memory_format=rows is not possible: it must be contiguous, channels-last"):
        choose("cpu", memory_format="rows")
