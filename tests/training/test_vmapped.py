"""Folds stacked in one tensor: the numbers of one fold at a time, and networks that refuse to be stacked."""

import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torchvision.models import resnet18

from merbench.entries.recipe import Training
from merbench.inputs import Frames, Inputs
from merbench.inputs.prepared import PreparedFrames, PreparedInputs
from merbench.method import NetworkMethod, TrainInfo
from merbench.registry import methods
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fit import FoldJob, TrainedFold, fit_folds
from merbench.training.numerics import Numerics, choose
from merbench.training.randomness import Dropout, Dropout2d, set_generator, set_generators

CLIPS = 16
ALIKE = 1e-8


class Streams(nn.Module):
    """Three shallow streams over the difference of two frames, in the shape of STSTNet (Liong et al., FG 2019)."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.streams = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(3, width, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(width), nn.MaxPool2d(3, 3), Dropout(0.5)
            )
            for width in (3, 5, 8)
        )
        self.pool = nn.AvgPool2d(2)
        self.head = nn.LazyLinear(classes)

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        features = torch.cat([stream(apex - onset) for stream in self.streams], 1)
        return self.head(self.pool(features).flatten(1))


class Residual(nn.Module):
    """A ResNet over the apex."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.network = resnet18(num_classes=classes)

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        return self.network(apex)


class Made(NetworkMethod):
    """A method that builds whatever network a test wants."""

    name = "made"
    title = "Made for a test"
    family = "image network"

    def __init__(self, build: Callable[[TrainInfo], nn.Module]) -> None:
        super().__init__()
        self.build = build

    def inputs(self) -> Inputs:
        return Inputs(frames=Frames(at=("onset", "apex"), size=(8, 8)))

    def network(self, train: TrainInfo) -> nn.Module:
        return self.build(train)


def streams(train: TrainInfo) -> nn.Module:
    network = Streams(len(train.classes))
    network(*torch.zeros(2, 2, 3, 24, 24))
    return network


def mmnet() -> NetworkMethod:
    kind = methods.get("mmnet")
    return kind(kind.Parameters().changed({"size": 16, "position_drop_path": 0.3}))


def numerics(precision: str = "float64", parallel_folds: int = 4, parallelism: str = "vmapped") -> Numerics:
    return dataclasses.replace(
        choose("cpu", precision, threads=1, parallel_folds=parallel_folds), parallelism=parallelism
    )


def frames(size: int) -> PreparedInputs:
    draws = np.random.default_rng(0)
    counts = draws.integers(1, 4, (CLIPS, 2))
    prepared = PreparedFrames(
        declaration=Frames(at=("onset", "apex"), size=(size, size)),
        images=draws.integers(0, 256, (CLIPS, 2, 3, 3, size, size), dtype=np.uint8),
        counts=counts,
        annotated=draws.integers(0, counts),
    )
    return PreparedInputs(count=CLIPS, frames=prepared)


Both = Callable[..., tuple[list[TrainedFold], list[TrainedFold], list[str]]]


@pytest.fixture
def both(make_task: Callable[..., FoldJob]) -> Both:
    """A function that trains folds of 12, 12 and 13 clips one at a time, then at once."""

    def trained(
        method: NetworkMethod, size: int, precision: str = "float64", parallelism: str = "vmapped", **given: Any
    ) -> tuple[list[TrainedFold], list[TrainedFold], list[str]]:
        settings = {"epochs": 2, "batch": 5, "flip": 0.5, "rotation": 5.0, "pad": 20.0, "learning_rate": 1e-3, **given}
        tasks = [make_task("d/0", range(4)), make_task("d/1", range(4, 8)), make_task("d/2", range(9, 12))]
        notes: list[str] = []
        found = []
        for packing in (1, 3):
            chosen = numerics(precision, packing, parallelism)
            inputs = DeviceInputs(frames(size), chosen)
            training = Training(**settings)
            found.append(fit_folds(method, training, tasks, inputs, seed=3, numerics=chosen, on_note=notes.append))
        return found[0], found[1], notes

    return trained


def distance(one: list[TrainedFold], other: list[TrainedFold]) -> float:
    """The largest difference in probabilities, weights and statistics."""
    found = [0.0]
    for ours, theirs in zip(one, other, strict=True):
        found.append(float(abs(ours.probabilities - theirs.probabilities).max()))
        others = theirs.network.state_dict()
        assert others.keys() == ours.network.state_dict().keys()
        found += [float((value - others[name]).abs().max()) for name, value in ours.network.state_dict().items()]
    return max(found)


@pytest.mark.slow
def test_mmnet_is_the_same_stacked(both: Both) -> None:
    alone, stacked, notes = both(mmnet(), 16)
    assert notes == []
    assert [each.parallel_folds for each in stacked] == [3, 3, 3]
    assert distance(alone, stacked) < ALIKE


def test_an_ststnet_is_the_same_stacked(both: Both) -> None:
    alone, stacked, notes = both(Made(streams), 24, epochs=4, class_weights="balanced", optimiser="adam")
    assert notes == []
    assert [each.parallel_folds for each in stacked] == [3, 3, 3]
    assert distance(alone, stacked) < ALIKE


@pytest.mark.slow
def test_a_resnet_is_the_same_stacked(both: Both) -> None:
    alone, stacked, notes = both(Made(lambda train: Residual(len(train.classes))), 32, optimiser="sgd")
    assert notes == []
    assert [each.parallel_folds for each in stacked] == [3, 3, 3]
    assert distance(alone, stacked) < ALIKE


@pytest.mark.parametrize(
    "given",
    [
        {"loss": "focal", "class_weights": "balanced"},
        {"loss": "focal"},
        {"label_smoothing": 0.1, "class_weights": "balanced", "sampling": "balanced"},
        {"clip_gradient": 0.01},
        {"schedule": "cosine", "warmup_epochs": 1.0, "weight_decay": 0.5},
        {"flip": 0.0, "rotation": 0.0, "pad": 0.0},
        {"batch": 500},
    ],
)
def test_every_setting_of_a_recipe_is_each_folds_own(both: Both, given: dict[str, Any]) -> None:
    alone, stacked, notes = both(Made(streams), 24, **given)
    assert notes == []
    assert {each.parallel_folds for each in stacked} == ({3} if "batch" not in given else {2, 1})
    assert distance(alone, stacked) < ALIKE


@pytest.mark.parametrize(("precision", "near"), [("float32", 1e-4), ("bfloat16", 0.05)])
def test_less_precision_stays_near(both: Both, precision: str, near: float) -> None:
    alone, stacked, notes = both(Made(streams), 24, precision)
    assert notes == []
    assert 0 < distance(alone, stacked) < near
    assert {value.dtype for value in stacked[0].network.parameters()} == {torch.float32}


def test_a_stacked_network_owns_its_weights(both: Both) -> None:
    _, stacked, _ = both(Made(streams), 24, epochs=1)
    for name, value in stacked[1].network.state_dict().items():
        assert value.untyped_storage().nbytes() == value.numel() * value.element_size(), name


def own_dropout(train: TrainInfo) -> nn.Module:
    network = streams(train)
    network.streams[0][4] = nn.Dropout(0.5)
    return network


NUMBERS = itertools.count()


class Counting(Streams):
    """Keeps a tensor that is not registered, another one in every fold."""

    def __init__(self, train: TrainInfo) -> None:
        super().__init__(len(train.classes))
        self(*torch.zeros(2, 2, 3, 24, 24))
        self.offset = torch.full((1,), float(next(NUMBERS)))

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        return super().forward(onset, apex) + getattr(self, "offset", 0.0)


class Reading(Streams):
    """Asks a tensor for its value, which a stack has not."""

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        logits = super().forward(onset, apex)
        return logits if float(logits.detach().abs().max()) < 1e9 else -logits


def reading(train: TrainInfo) -> nn.Module:
    network = Reading(len(train.classes))
    network(*torch.zeros(2, 2, 3, 24, 24))
    return network


@pytest.mark.parametrize("build", [own_dropout, Counting, reading])
def test_a_network_that_cannot_be_stacked_is_trained_alone_and_told_of(
    both: Both, build: Callable[[TrainInfo], nn.Module]
) -> None:
    alone, other, notes = both(Made(build), 24, "float32")
    [note] = notes
    assert note.startswith("made cannot be vmapped (")
    assert note.endswith("): one fold is trained at a time")
    assert [each.parallel_folds for each in other] == [1, 1, 1]
    assert distance(alone, other) < 1e-6


@pytest.mark.parametrize("parallelism", ["vmapped", "threaded"])
def test_half_as_many_are_trained_where_memory_does_not_suffice(
    both: Both, parallelism: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import merbench.training.fit as loop

    tried = []

    def scarce(real: Callable[..., Any]) -> Callable[..., Any]:
        def attempt(method: Any, training: Any, tasks: Any, *rest: Any) -> Any:
            tried.append(len(tasks))
            if len(tasks) > 2:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return real(method, training, tasks, *rest)

        return attempt

    monkeypatch.setattr(loop, "VmappedTrainer", scarce(loop.VmappedTrainer))
    monkeypatch.setattr(loop, "fit_threaded", scarce(loop.fit_threaded))
    alone, halved, notes = both(Made(streams), 24, parallelism=parallelism)
    assert tried == [3, 2]
    assert notes == ["3 folds at once do not fit in memory: 2 are trained at once instead"]
    assert sorted(each.parallel_folds for each in halved) == [1, 2, 2]
    assert distance(alone, halved) < ALIKE


def test_folds_beside_each_other_are_the_same_to_the_bit(both: Both) -> None:
    alone, threaded, notes = both(Made(streams), 24, "float32", parallelism="threaded")
    assert notes == []
    assert [each.parallel_folds for each in threaded] == [3, 3, 3]
    assert distance(alone, threaded) == 0


def test_a_network_with_draws_of_its_own_is_not_trained_beside_others(both: Both) -> None:
    alone, threaded, notes = both(Made(own_dropout), 24, "float32", parallelism="threaded")
    assert notes == ["made uses torch's global random generator: one fold is trained at a time"]
    assert distance(alone, threaded) == 0


def test_dropout_of_a_stack_draws_what_each_fold_would(fit: Callable[..., Any]) -> None:
    layer, features = Dropout(0.5), torch.rand(3, 6, 4)
    set_generators(layer, torch.device("cpu"), [1, 2, 1])
    stacked = torch.func.vmap(layer)(features)
    for place, seed in enumerate((1, 2, 1)):
        single = Dropout(0.5)
        single.generator = torch.Generator().manual_seed(seed)
        assert torch.equal(single(features[place]), stacked[place])


def test_a_network_of_computed_inputs_alone_is_the_same_stacked(make_task: Callable[..., FoldJob]) -> None:
    from merbench.cli.bench.report import TINY
    from merbench.cli.bench.workloads import Streams as Flows
    from merbench.cli.bench.workloads import flow_inputs

    tasks = [make_task("d/0", range(4)), make_task("d/1", range(4, 8))]
    training = Training(epochs=2, batch=5, optimiser="adam", learning_rate=1e-3, flip=0.5, rotation=5.0)
    found = []
    for packing in (1, 2):
        chosen = numerics(parallel_folds=packing)
        found.append(
            fit_folds(Flows(), training, tasks, DeviceInputs(flow_inputs(TINY), chosen), seed=1, numerics=chosen)
        )
    assert [each.parallel_folds for each in found[1]] == [2, 2]
    assert distance(*found) < ALIKE


@pytest.mark.parametrize("last_batch", ["short", "dropped"])
def test_a_short_or_dropped_last_batch_is_the_same_vmapped(make_task: Callable[..., FoldJob], last_batch: str) -> None:
    tasks = [make_task("d/0", range(4)), make_task("d/1", range(4, 8))]  # 12 clips: batches of 5, 5 and 2
    training = Training(epochs=2, batch=5, learning_rate=1e-3, last_batch=last_batch)
    folds = []
    for parallel_folds in (1, 2):
        chosen = numerics(parallel_folds=parallel_folds)
        inputs = DeviceInputs(frames(24), chosen)
        folds.append(fit_folds(Made(streams), training, tasks, inputs, seed=3, numerics=chosen))
    assert [fold.parallel_folds for fold in folds[1]] == [2, 2]
    assert distance(*folds) < ALIKE


def test_vmapped_dropout_of_maps_gives_the_bits_of_each_fold() -> None:
    features, seeds, device = torch.rand(2, 3, 4, 5, 5), (1, 2), torch.device("cpu")
    serial = Dropout2d(0.5).train()
    expected = []
    for fold, seed in enumerate(seeds):
        set_generator(serial, device, seed)
        expected.append(serial(features[fold]))
    together = Dropout2d(0.5).train()
    set_generators(together, device, seeds)
    assert torch.equal(torch.vmap(together, randomness="error")(features), torch.stack(expected))
