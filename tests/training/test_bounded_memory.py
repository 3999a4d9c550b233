"""Inputs larger than memory: they stay mapped from their file, and only what a step needs is gathered."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from merbench.entries.recipe import Training
from merbench.inputs import Frames, Inputs
from merbench.inputs.prepared import PreparedFrames, PreparedInputs
from merbench.method import NetworkMethod, TrainInfo
from merbench.training import memory
from merbench.training.device.inputs import DeviceInputs, resident
from merbench.training.epoch_plan import EpochPlan
from merbench.training.fit import FoldJob, fit_folds
from merbench.training.numerics import choose

#: DFME: 7,526 clips; onset and apex, at most three frames a side of each.
CLIPS, MOMENTS, WINDOW, SIDE = 7526, 2, 7, 224


class Means(nn.Module):
    """Logits from the mean colour, so that the memory measured is not the network's."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(3, 2)

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        return self.head((apex - onset).mean((2, 3)))


class Mean(NetworkMethod):
    name = "mean"
    title = "Made for a test"
    family = "image network"

    def inputs(self) -> Inputs:
        return Inputs(frames=Frames(at=("onset", "apex"), size=(SIDE, SIDE)))

    def network(self, train: TrainInfo) -> nn.Module:
        return Means()


@pytest.fixture
def mapped(tmp_path: Path) -> PreparedInputs:
    """Sixteen gigabytes in a file with holes, mapped as the input cache maps its entries."""
    shape = (CLIPS, MOMENTS, WINDOW, 3, SIDE, SIDE)
    np.lib.format.open_memmap(tmp_path / "images.npy", mode="w+", dtype=np.uint8, shape=shape)
    images = np.load(tmp_path / "images.npy", mmap_mode="c")
    counts = np.full((CLIPS, MOMENTS), WINDOW)
    frames = Frames(at=("onset", "apex"), size=(SIDE, SIDE))
    prepared = PreparedFrames(declaration=frames, images=images, counts=counts, annotated=counts // 2)
    return PreparedInputs(count=CLIPS, frames=prepared)


@pytest.mark.slow
@pytest.mark.skipif(not memory.anonymous(), reason="this system does not tell what memory is anonymous")
def test_a_table_of_the_size_of_dfme_trains_in_little_memory(mapped: PreparedInputs) -> None:
    numerics = choose("cpu", "float32", threads=1)
    train = np.arange(400)
    info = TrainInfo(classes=("a", "b"), labels=train % 2, subjects=("d/1",) * 400, action_units=((),) * 400)
    spread = train * (CLIPS // 400)  # all over the file
    task = FoldJob(name="d/0", train=spread, held_out=np.arange(4), info=info)
    training = Training(epochs=1, batch=4, flip=0.5, rotation=3.0, pad=15.0)  # 100 steps
    most = [memory.anonymous()]
    before = most[0]

    class Watched(Means):
        def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
            most.append(memory.anonymous())
            return super().forward(onset, apex)

    method = Mean()
    method.network = lambda train: Watched()  # type: ignore[method-assign]
    inputs = DeviceInputs(mapped, numerics)
    fit_folds(method, training, [task], inputs, seed=0, numerics=numerics)
    assert len(most) == 102
    assert max(most) - before < 2 << 30


def test_small_inputs_come_to_the_device_first() -> None:
    assert resident([5, 1, 3], 9) == [True, True, True]
    assert resident([5, 1, 3], 8) == [False, True, True]
    assert resident([5, 1, 3], 0) == [False, False, False]
    assert resident([], 0) == []


def test_inputs_that_stay_on_the_host_give_the_same_tensors(prepared: PreparedFrames) -> None:
    numerics = choose("cpu", "float32", threads=1)
    whole = PreparedInputs(count=16, frames=prepared)
    drawn = EpochPlan(
        clips=np.arange(6).reshape(2, 3), truth=np.zeros((2, 3), int), picks=np.zeros((2, 3, 2), int), affine=None
    )
    found = [list(DeviceInputs(whole, numerics, budget).batches(drawn)) for budget in (1 << 40, 0)]
    for (one, _), (other, _) in zip(*found, strict=True):
        assert all(torch.equal(ours, theirs) for ours, theirs in zip(one, other, strict=True))
    assert DeviceInputs(whole, numerics, 0).index_device == torch.device("cpu")


def test_an_epoch_reads_no_value_back_from_the_device(prepared: PreparedFrames) -> None:
    from torch.utils._python_dispatch import TorchDispatchMode

    from merbench.training.optim import optimiser_for
    from merbench.training.serial import FoldTrainer

    class Reads(TorchDispatchMode):
        found: list[str] = []  # noqa: RUF012

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            if any(word in str(func) for word in ("_local_scalar_dense", "nonzero", "unique", "equal.default")):
                self.found.append(str(func))
            return func(*args, **(kwargs or {}))

    numerics = choose("cpu", "float32", threads=1)
    info = TrainInfo(classes=("a", "b"), labels=np.arange(12) % 2, subjects=("d/1",) * 12, action_units=((),) * 12)
    task = FoldJob(name="d/0", train=np.arange(12), held_out=np.arange(12, 16), info=info)
    training = Training(
        epochs=1, batch=4, flip=0.5, rotation=3.0, pad=15.0, class_weights="balanced", label_smoothing=0.1
    )
    inputs = DeviceInputs(PreparedInputs(count=16, frames=prepared), numerics)
    fold = FoldTrainer(Mean(), training, task, inputs, 0, numerics)
    network = fold.new_network()
    optimiser = optimiser_for(training, network.parameters(), fold.device)
    with Reads() as reads:
        fold.train_epoch(network, optimiser, 0)
        fold.held_out_probabilities(network)
    assert reads.found == []
