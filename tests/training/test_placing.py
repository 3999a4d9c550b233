"""Arrays of a file fill a network or the largest part of it; the classifier alone may lack."""

from __future__ import annotations

from typing import ClassVar

import pytest
import torch
from torch import Tensor, nn

from merbench.errors import UsageError
from merbench.inputs import Frames, Inputs
from merbench.method import NetworkMethod, TrainInfo
from merbench.results.weights import nameless
from merbench.training.placing import Placed, classifier_names, placed


def body() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Conv2d(8, 8, 3))


class Net(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.features = body()
        self.mix = nn.Linear(8, 4)
        self.head = nn.Linear(4, classes)


class Mine(NetworkMethod):
    name: ClassVar[str] = "mine"
    title: ClassVar[str] = "Mine"
    family = "image network"

    def inputs(self) -> Inputs:
        return Inputs(frames=Frames(at=("apex",), size=(16, 16)))

    def network(self, train: TrainInfo) -> nn.Module:
        return Net(len(train.classes))


HEAD = classifier_names(Mine(), nameless(["a", "b", "c"]))


def place(tensors: dict[str, Tensor], *, keep_head: bool = True) -> Placed:
    return placed(Net(3), HEAD, tensors, "--weights f", keep_head=keep_head)


def test_the_classifier_is_what_depends_on_the_number_of_classes() -> None:
    assert {"head.weight", "head.bias"} == HEAD


def test_a_whole_network_of_as_many_classes_is_taken_whole_unless_classes_are_others() -> None:
    state = Net(3).state_dict()
    result = place(dict(state))
    assert result.tensors.keys() == state.keys()
    assert result.sentences == ()
    result = place(dict(state), keep_head=False)
    assert result.head == ("head.weight", "head.bias")


def test_a_classifier_of_other_classes_is_left_out_and_said() -> None:
    result = place({f"module.{name}": value for name, value in Net(7).state_dict().items()})
    assert result.prefix == "module."
    said = "; ".join(result.sentences)
    assert said == (
        "prefix module. of its names dropped; the classifier (head.weight, head.bias) keeps its random values"
    )


def test_a_part_is_filled_and_the_rest_and_leftovers_are_listed() -> None:
    tensors = {f"encoder.{name}": value for name, value in body().state_dict().items()} | {"proj": torch.zeros(2)}
    result = place(tensors)
    assert result.part == "features"
    assert result.unused == ("proj",)
    assert "they fill features, and mix.weight, mix.bias keep their random values" in result.sentences


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features.2.weight": None}, "lacking features.2.weight; of another shape none"),
        ({"mix.weight": torch.zeros(5, 8)}, r"mix.weight is \(5, 8\), not \(4, 8\)"),
    ],
)
def test_what_does_not_fit_outside_of_the_classifier_is_refused(change: dict[str, Tensor | None], message: str) -> None:
    merged = {**Net(3).state_dict(), **change}
    with pytest.raises(UsageError, match=f"--weights f does not fit the network: .*{message}"):
        place({name: value for name, value in merged.items() if value is not None})


def test_a_chance_likeness_of_few_layers_is_refused() -> None:
    with pytest.raises(UsageError, match="of the network's values outside of the classifier would come from it"):
        place({"weight": torch.zeros(4, 8), "bias": torch.zeros(4)})


def test_counters_of_batch_norms_may_lack() -> None:
    state = {name: value for name, value in Net(3).state_dict().items() if "num_batches" not in name}
    result = place(state)
    assert result.free == ("features.1.num_batches_tracked",)
