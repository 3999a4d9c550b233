"""ResNet-18 and any network of timm, on each picture of the motion."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision

from merbench import registry
from merbench.errors import UnknownName, UsageError
from merbench.method import TrainInfo
from merbench.training.bases.image_network import ImageNetwork

CLASSES = tuple("abcde")
INFO = TrainInfo(classes=CLASSES, labels=np.arange(5), subjects=CLASSES, action_units=((),) * 5)


def method(name: str, **settings: Any) -> Any:
    kind = registry.methods.get(name)
    return kind(kind.Parameters().changed({"size": 32, **settings}))


def test_resnet18_is_torchvisions() -> None:
    own, other = method("resnet18").network(INFO), torchvision.models.resnet18(num_classes=5)
    assert sum(weight.numel() for weight in own.parameters()) == sum(weight.numel() for weight in other.parameters())
    own.load_state_dict(other.state_dict())
    pictures = torch.rand(2, 3, 32, 32)
    torch.testing.assert_close(own.eval()(pictures), other.eval()(pictures))


def test_weights_of_torchvision_are_read(tmp_path: Path) -> None:
    path = tmp_path / "resnet18.pth"
    weights = torchvision.models.resnet18().state_dict()
    old = {name: value for name, value in weights.items() if not name.endswith("num_batches_tracked")}
    torch.save(old, path)
    made = method("resnet18", weights=str(path))
    assert torch.equal(made.network(INFO).state_dict()["conv1.weight"], weights["conv1.weight"])
    described = made.parameters.described()["weights"]
    assert described == f"resnet18.pth sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


@pytest.mark.parametrize(("motion", "pictures"), [("flow+strain", 1), ("difference", 2), ("apex", 1)])
@pytest.mark.parametrize("name", ["resnet18", "timm:test_efficientnet"])
def test_every_motion_trains_every_number(name: str, motion: str, pictures: int) -> None:
    made = method(name, motion=motion)
    declared = made.inputs()
    moments = declared.frames.at if declared.frames else ()
    assert len(moments) + len(declared.arrays) == pictures
    network = made.network(INFO)
    logits = network(*(torch.rand(2, 3, 32, 32) for _ in range(pictures)))
    assert logits.shape == (2, 5)
    logits.square().sum().backward()
    assert [name for name, weight in network.named_parameters() if weight.grad is None] == []


def test_the_difference_forgets_what_both_frames_share() -> None:
    network = method("timm:test_resnet", motion="difference").network(INFO).eval()
    onset, apex, light = torch.rand(3, 2, 3, 32, 32).unbind()
    torch.testing.assert_close(network(onset, apex), network(onset + light, apex + light))


def test_flow_has_strain_as_its_third_channel() -> None:
    [flow] = method("resnet18", flow="dis").inputs().arrays
    assert (flow.shape, flow.algorithm, flow.start, flow.end) == ((3, 32, 32), "dis", "onset", "apex")


def test_a_transformer_is_told_its_size() -> None:
    assert method("timm:test_vit", size=48).network(INFO)(torch.rand(1, 3, 48, 48)).shape == (1, 5)


@pytest.mark.parametrize("name", ["resnet18", "timm", "timm:test_vit"])
def test_recipes_are_sound(name: str) -> None:
    kind = registry.methods.get(name)
    assert issubclass(kind, ImageNetwork)
    for recipe in ("published", "quick"):
        found = kind.recipe(recipe, 3)
        assert found.training is not None
        kind(kind.Parameters().changed(found.parameters)).inputs()


def test_bad_names_and_settings_are_refused() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'resnet34'"):
        registry.methods.get("timm:resnte34")
    with pytest.raises(UnknownName, match="Unknown network of timm ''"):
        registry.methods.get("timm:")
    with pytest.raises(UsageError, match=r"motion=onset is not possible: motion must be one of flow\+strain"):
        method("resnet18", motion="onset")
    with pytest.raises(UsageError, match="there is no such file"):
        method("resnet18", weights="nowhere.pth")
