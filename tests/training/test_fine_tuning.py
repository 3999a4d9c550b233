"""Frozen parts keep their values and statistics, rates go by layer, the classifier is first, vmapped folds alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from merbench.entries.recipe import Training
from merbench.errors import UsageError
from merbench.inputs import Frames, Inputs
from merbench.inputs.prepared import PreparedFrames, PreparedInputs
from merbench.method import NetworkMethod, TrainInfo
from merbench.registry import methods
from merbench.results.weights import nameless
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fine_tuning import freeze, layers, rate_groups, require_trainable, trained_count
from merbench.training.fit import FoldJob, TrainedFold, fit_folds
from merbench.training.numerics import choose
from merbench.training.optim import optimiser_for, set_rate


class Staged(nn.Module):
    """A stem, two blocks and a classifier on the difference of two frames."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4))
        self.body = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.Sequential(nn.BatchNorm2d(4), nn.Conv2d(4, 4, 3)))
        self.head = nn.Linear(4, classes)

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        return self.head(self.body(torch.relu(self.stem(apex - onset))).mean((2, 3)))


class Wrapped(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.network = Staged(classes)

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        return self.network(onset, apex)


class Method(NetworkMethod):
    name: ClassVar[str] = "staged"
    title: ClassVar[str] = "Made for a test"
    family = "image network"

    def inputs(self) -> Inputs:
        return Inputs(frames=Frames(at=("onset", "apex"), size=(8, 8)))

    def network(self, train: TrainInfo) -> nn.Module:
        return Wrapped(len(train.classes))


def train(
    prepared: PreparedFrames, tasks: list[FoldJob], parallel: int, precision: str = "float32", **given: Any
) -> list[TrainedFold]:
    numerics = choose("cpu", precision, threads=1, parallel_folds=parallel)
    training = Training(**{"epochs": 2, "batch": 4, "learning_rate": 0.05, "optimiser": "sgd", **given})
    inputs = DeviceInputs(PreparedInputs(count=16, frames=prepared), numerics)
    return fit_folds(Method(), training, tasks, inputs, seed=0, numerics=numerics)


def values(trained: TrainedFold) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in trained.network.state_dict().items()}


def changed(before: TrainedFold, after: TrainedFold) -> set[str]:
    one, other = values(before), values(after)
    return {name.removeprefix("network.") for name in one if not torch.equal(one[name], other[name])}


@pytest.mark.parametrize("optimiser", ["adamw", "sgd"])
def test_frozen_parts_keep_values_and_statistics(
    prepared: PreparedFrames, tasks: list[FoldJob], optimiser: str
) -> None:
    start, trained = (
        train(prepared, tasks[:1], 1, frozen="stem,body.1", optimiser=optimiser, weight_decay=0.1, epochs=epochs)[0]
        for epochs in (1, 3)
    )
    assert changed(start, trained) == {"body.0.weight", "body.0.bias", "head.weight", "head.bias"}
    assert float(values(trained)["network.stem.1.running_mean"].abs().sum()) == 0


def test_frozen_statistics_are_those_of_the_start(prepared: PreparedFrames, tasks: list[FoldJob]) -> None:
    [trained] = train(prepared, tasks[:1], 1, frozen_statistics=True)
    state = values(trained)
    assert float(state["network.stem.1.running_mean"].abs().sum()) == 0
    assert float(state["network.body.1.0.running_var"].sum()) == 4
    [other] = train(prepared, tasks[:1], 1)
    assert float(values(other)["network.stem.1.running_mean"].abs().sum()) > 0


def test_the_classifier_is_trained_alone_first(prepared: PreparedFrames, tasks: list[FoldJob]) -> None:
    one, two = (train(prepared, tasks[:1], 1, epochs=epochs, head_epochs=2)[0] for epochs in (1, 2))
    weights = {name for name in changed(one, two) if "running" not in name and "tracked" not in name}
    assert weights == {"head.weight", "head.bias"}
    [three] = train(prepared, tasks[:1], 1, epochs=3, head_epochs=2)
    assert "stem.0.weight" in changed(two, three)


def test_rates_go_by_layer() -> None:
    network, training = Wrapped(2), Training(layer_decay=0.5, learning_rate=0.8, optimiser="sgd")
    assert [name.removeprefix("network.") for name in layers(network)] == [
        "stem.0",
        "stem.1",
        "body.0",
        "body.1",
        "head",
    ]
    optimiser = optimiser_for(
        training, network.parameters(), torch.device("cpu"), rate_groups(network, training, head=set())
    )
    set_rate(optimiser, 0.8)
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    rates = {
        names[id(each)].split(".", 1)[1]: group["lr"] for group in optimiser.param_groups for each in group["params"]
    }
    assert rates["head.weight"] == pytest.approx(0.8)
    assert rates["body.1.1.bias"] == pytest.approx(0.4)
    assert rates["body.0.weight"] == pytest.approx(0.2)
    assert rates["stem.0.weight"] == pytest.approx(0.05)
    assert len(rates) == len(list(network.parameters()))


def test_without_these_settings_there_are_no_groups() -> None:
    assert rate_groups(Wrapped(2), Training(frozen="stem"), head=set()) == ()


@pytest.mark.parametrize(
    "given",
    [
        {"frozen": "stem"},
        {"frozen_statistics": True},
        {"layer_decay": 0.6, "optimiser": "adamw"},
        {"frozen": "stem.0", "frozen_statistics": True, "layer_decay": 0.7, "head_epochs": 1, "clip_gradient": 1.0},
    ],
)
def test_vmapped_folds_are_those_of_one_at_a_time(
    prepared: PreparedFrames, tasks: list[FoldJob], given: dict[str, Any]
) -> None:
    alone, together = (train(prepared, tasks, parallel, "float64", **given) for parallel in (1, 4))
    assert [each.parallel_folds for each in together] == [4] * 4
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-6)
        for name, value in values(one).items():
            torch.testing.assert_close(value, values(other)[name], rtol=1e-6, atol=1e-8)


def test_a_part_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(
        UsageError, match=r"staged has no part 'layer9'; name some of stem, body, head, or parts of these"
    ):
        freeze(Wrapped(2), Training(frozen="stem,layer9"), "staged")
    with pytest.raises(UsageError, match="nothing of staged is left to train"):
        freeze(Wrapped(2), Training(frozen="stem,body,head"), "staged")


def test_trainable_parameters_are_counted_without_frozen_ones() -> None:
    info = nameless(["a", "b"])
    assert trained_count(Method(), Training(frozen="stem,body"), info) == 4 * 2 + 2


def test_stages_of_timm_are_named_as_timm_names_them(make_task: Callable[..., FoldJob]) -> None:
    entry: Any = methods.get("resnet18")
    method = entry(entry.Parameters().changed({"motion": "difference", "size": 32}))
    whole = method.parameter_count(3)
    count = trained_count(method, Training(frozen="conv1,bn1,layer1,layer2"), nameless(["a", "b", "c"]))
    assert 0 < count < whole


class Bare(Method):
    """A method whose network is a single layer behind one without parameters."""

    def network(self, train: TrainInfo) -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(4, len(train.classes)))


@pytest.mark.parametrize("network", [nn.Linear(4, 2), nn.Sequential(nn.Flatten(), nn.Linear(4, 2))])
def test_a_single_layer_has_the_rate_of_the_recipe_whatever_the_decay(network: nn.Module) -> None:
    [group] = rate_groups(network, Training(layer_decay=0.5), head=set())
    assert group.scale == 1
    with pytest.raises(UsageError, match="mine has no part 'stem'; it is a single layer"):
        freeze(network, Training(frozen="stem"), "mine")


def test_parts_without_parameters_hide_no_layers() -> None:
    entry: Any = methods.get("slstt")
    network = entry(entry.Parameters().changed(entry.recipe("quick", 3).parameters)).network(nameless(["a", "b", "c"]))
    assert [name for name in layers(network) if ".blocks." in name][:2] == ["spatial.blocks.0", "spatial.blocks.1"]


@pytest.mark.parametrize(
    ("method", "given", "sentence"),
    [
        (
            Method,
            {"frozen": "head"},
            "its network.head.bias, network.head.weight are frozen; leave out head_epochs, or",
        ),
        (Bare, {"frozen": "nope"}, "staged has no part 'nope'"),
    ],
)
def test_epochs_that_would_train_nothing_are_refused(
    method: type[Method], given: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        require_trainable(method(), Training(head_epochs=1, **given), nameless(["a", "b"]))
    require_trainable(method(), Training(head_epochs=1), nameless(["a", "b"]))


def test_a_classifier_that_is_not_known_is_not_trained_first() -> None:
    class Fixed(Method):
        def network(self, train: TrainInfo) -> nn.Module:
            return nn.Linear(4, 2)

    with pytest.raises(UsageError, match="none of its shapes depends on the classes; leave out head_epochs"):
        require_trainable(Fixed(), Training(head_epochs=1), nameless(["a", "b"]))
