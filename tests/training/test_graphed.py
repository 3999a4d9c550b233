"""Captured steps: the bits of one fold at a time, and networks whose steps cannot be captured."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from merbench.entries.recipe import Training
from merbench.inputs.prepared import PreparedFrames, PreparedInputs
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fit import FoldJob, TrainedFold, fit_folds
from merbench.training.graphed import CannotGraph, GraphedTrainer
from merbench.training.numerics import Numerics, choose
from tests.training.conftest import Tiny, TinyNetwork
from tests.training.replay import EmulatedLane, as_on_a_gpu

#: 12 clips: steps of 5, 5 and 2.
TRAINING = Training(
    epochs=5, batch=5, last_batch="short", flip=0.5, rotation=5.0, pad=20.0, learning_rate=0.01, schedule="cosine",
    colour_jitter=0.2, clip_gradient=1.0,
)  # fmt: skip


class Normalised(TinyNetwork):
    """The tiny network with a batch norm, whose statistics change in place."""

    def __init__(self, classes: int) -> None:
        super().__init__(classes)
        self.norm = nn.BatchNorm2d(3)

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        return super().forward(onset, self.norm(apex))


class Method(Tiny):
    """The tiny method with another network."""

    def __init__(self, build: Callable[[int], nn.Module] = Normalised) -> None:
        super().__init__()
        self.build = build

    def network(self, train: Any) -> nn.Module:
        return self.build(len(train.classes))


@pytest.fixture
def inputs(prepared: PreparedFrames, numerics: Numerics) -> DeviceInputs:
    return DeviceInputs(PreparedInputs(count=16, frames=prepared), numerics)


@pytest.fixture
def _as_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    as_on_a_gpu(monkeypatch)


def require_equal(one: list[TrainedFold], other: list[TrainedFold]) -> None:
    for ours, theirs in zip(one, other, strict=True):
        np.testing.assert_array_equal(ours.probabilities, theirs.probabilities)
        for name, value in ours.network.state_dict().items():
            assert torch.equal(value, theirs.network.state_dict()[name]), name


@pytest.mark.usefixtures("_as_on_a_gpu")
def test_replayed_steps_give_the_bits_of_one_fold_at_a_time(
    tasks: list[FoldJob], inputs: DeviceInputs, numerics: Numerics
) -> None:
    method, lanes = Method(), []

    def lane(device: torch.device) -> EmulatedLane:
        lanes.append(EmulatedLane(device))
        return lanes[-1]

    alone = fit_folds(method, TRAINING, tasks, inputs, seed=0, numerics=numerics)
    reported: list[tuple[str, int]] = []
    trainer = GraphedTrainer(method, TRAINING, tasks, inputs, 0, numerics, lane)
    captured = trainer.fit(lambda fold, epoch, probabilities: reported.append((fold, epoch)))
    require_equal(alone, captured)
    assert [each.parallel_folds for each in captured] == [4] * 4
    assert reported == [(job.name, epoch) for epoch in range(5) for job in tasks]
    assert {(each.captures, each.replays) for each in lanes} == {(3, 8 + 3 + 3)}  # steps of 5, of 2, and watching


class Twice(TinyNetwork):
    """A network that calls one layer of dropout twice."""

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        return super().forward(onset, apex) + self.head(
            self.dropout(torch.relu(self.hidden(self.pool(onset).flatten(1))))
        )


class Drawing(TinyNetwork):
    """A network with dropout of torch's own."""

    def __init__(self, classes: int) -> None:
        super().__init__(classes)
        self.dropout = nn.Dropout(0.2)


@pytest.mark.usefixtures("_as_on_a_gpu")
@pytest.mark.parametrize(
    ("build", "why"),
    [(Twice, "a layer of dropout several times in a step"), (Drawing, "torch's global random generator")],
)
def test_what_would_be_replayed_otherwise_is_not_captured(
    tasks: list[FoldJob], inputs: DeviceInputs, numerics: Numerics, build: Callable[[int], nn.Module], why: str
) -> None:
    with pytest.raises(CannotGraph, match=why):
        GraphedTrainer(Method(build), TRAINING, tasks, inputs, 0, numerics, EmulatedLane).fit(lambda *report: None)


def test_inputs_on_the_host_are_not_captured(tasks: list[FoldJob], prepared: PreparedFrames) -> None:
    numerics = dataclasses.replace(choose("cpu", "float32", threads=1))
    inputs = DeviceInputs(PreparedInputs(count=16, frames=prepared), numerics, budget=0)
    inputs.index_device = torch.device("meta")
    with pytest.raises(CannotGraph, match="inputs stay on the host"):
        GraphedTrainer(Method(), TRAINING, tasks, inputs, 0, numerics, EmulatedLane)


@pytest.mark.parametrize(("error", "said"), [(CannotGraph("why"), True), (RuntimeError("why"), False)])
def test_folds_that_cannot_be_captured_are_trained_one_at_a_time(
    tasks: list[FoldJob], inputs: DeviceInputs, numerics: Numerics, monkeypatch: pytest.MonkeyPatch,
    error: Exception, said: bool,
) -> None:  # fmt: skip
    def refuse(*given: Any) -> None:
        raise error

    monkeypatch.setattr("merbench.training.fit.GraphedTrainer", refuse)
    chosen = dataclasses.replace(numerics, parallelism="graphed", parallel_folds=4)
    notes: list[str] = []

    def fitted() -> list[TrainedFold]:
        return fit_folds(Method(), TRAINING, tasks, inputs, seed=0, numerics=chosen, on_note=notes.append)

    if not said:
        with pytest.raises(RuntimeError, match="why"):
            fitted()
        return
    require_equal(fitted(), fit_folds(Method(), TRAINING, tasks, inputs, seed=0, numerics=numerics))
    assert notes == ["tiny cannot be captured in CUDA graphs (why): one fold is trained at a time"]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU: CUDA graphs are captured on one only")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_graphs_of_a_gpu_give_the_bits_of_one_fold_at_a_time(
    tasks: list[FoldJob], prepared: PreparedFrames, precision: str
) -> None:
    serial = choose("cuda", precision)
    inputs = DeviceInputs(PreparedInputs(count=16, frames=prepared), serial)
    graphs = dataclasses.replace(serial, parallelism="graphed", parallel_folds=4)
    notes: list[str] = []
    found = [
        fit_folds(Method(), TRAINING, tasks, inputs, seed=0, numerics=each, on_note=notes.append)
        for each in (serial, graphs)
    ]
    require_equal(*found)
    assert (notes, found[1][0].parallel_folds) == ([], 4)
