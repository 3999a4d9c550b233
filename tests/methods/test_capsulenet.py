"""CapsuleNet: routing against loops, its size, its weights, and that it learns ground-truth motion."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn import functional

import merbench
from merbench.errors import UsageError
from merbench.method import TrainInfo
from merbench.methods.capsulenet import CapsuleNet, CapsuleNetParameters
from merbench.methods.capsulenet.capsules import ClassCapsules, PrimaryCapsules, route, squash
from merbench.training.losses import loss
from merbench.training.optim import learning_rates

CLASSES = tuple("abc")
INFO = TrainInfo(classes=CLASSES, labels=np.arange(3), subjects=CLASSES, action_units=((),) * 3)
SMALL = {"size": 20, "stages": 1, "kernel": 3, "width": 16}


@pytest.fixture(autouse=True)
def _same_draws() -> Iterator[None]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        yield


def method(**settings: Any) -> CapsuleNet:
    return CapsuleNet(CapsuleNetParameters().changed({**SMALL, **settings}))


def quick() -> CapsuleNet:
    return CapsuleNet(CapsuleNetParameters().changed(CapsuleNet.recipe("quick", 3).parameters))


def test_the_probabilities_of_units_are_the_lengths_of_capsules(tmp_path: Path) -> None:
    pictures = torch.rand(4, 3, 20, 20)
    networks = []
    for kind in ("single-label", "multi-label"):
        torch.manual_seed(3)
        networks.append(method().network(replace(INFO, kind=kind)).eval())
    lengths, logits = (network(pictures) for network in networks)
    assert torch.allclose(torch.sigmoid(logits), lengths, atol=1e-5)
    assert 0 < lengths.min() < lengths.max() < 1
    settings = {"dataset.subjects": 3, "dataset.clips": 6, "epochs": 2, "size": 32, "width": 16, "scheme.units": "1,4"}
    run = merbench.run("capsulenet", dataset="synthetic-f", settings=settings, device="cpu", out=tmp_path / "run")
    assert (run.header.description.training or {})["loss"] == "margin"
    assert all(((fold.probabilities > 0) & (fold.probabilities < 1)).all() for fold in run.outer)


def squashed_plainly(vector: list[float]) -> list[float]:
    square = sum(number**2 for number in vector)
    return [number * square / (1 + square) / math.sqrt(square) for number in vector]


def routed_plainly(votes: list[list[list[float]]], rounds: int) -> list[list[float]]:
    """Procedure 1 of Sabour et al. for one clip, number by number; votes are `[capsule][class][pose]`."""
    capsules, classes, poses = len(votes), len(votes[0]), len(votes[0][0])
    b = [[0.0] * classes for _ in range(capsules)]
    v: list[list[float]] = []
    for _ in range(rounds):
        c = [
            [math.exp(b[i][j]) / sum(math.exp(other) for other in b[i]) for j in range(classes)]
            for i in range(capsules)
        ]
        s = [[sum(c[i][j] * votes[i][j][d] for i in range(capsules)) for d in range(poses)] for j in range(classes)]
        v = [squashed_plainly(s[j]) for j in range(classes)]
        for i in range(capsules):
            for j in range(classes):
                b[i][j] += sum(votes[i][j][d] * v[j][d] for d in range(poses))
    return v


@pytest.mark.parametrize("rounds", [1, 2, 3, 5])
def test_routing_is_that_of_plain_loops(rounds: int) -> None:
    votes = torch.randn(2, 6, 3, 4, dtype=torch.float64)
    expected = torch.tensor([routed_plainly(clip, rounds) for clip in votes.tolist()], dtype=torch.float64)
    torch.testing.assert_close(route(votes, rounds), expected)


def test_routing_turns_to_the_class_that_votes_agree_on() -> None:
    votes = torch.zeros(1, 4, 2, 2)
    votes[0, :, 0] = torch.tensor([1.0, 0.0])  # all alike
    votes[0, :, 1] = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])  # each other way
    first, later = (route(votes, rounds)[0].norm(dim=-1) for rounds in (1, 3))
    assert first.tolist() == pytest.approx([0.8, 0.0])  # a sum of 4 x 1/2 is squashed to 4/5
    assert later[0] > 0.85
    assert later[1] < 1e-6


def test_squashing_worked_by_hand_and_its_gradient_at_nought() -> None:
    vectors = torch.tensor([[3.0, 4.0], [0.6, 0.8], [0.0, 0.0]], requires_grad=True)
    found = squash(vectors)
    torch.testing.assert_close(found, torch.tensor([[3 * 5 / 26, 4 * 5 / 26], [0.3, 0.4], [0.0, 0.0]]))
    found.sum().backward()
    assert vectors.grad is not None
    assert torch.isfinite(vectors.grad).all()


def test_capsules_are_channels_at_one_place_and_vote_through_their_own_matrices() -> None:
    primary, features = PrimaryCapsules(16, 3), torch.randn(2, 16, 7, 7)
    maps = primary.conv(features)
    capsules = primary(features)
    assert capsules.shape == (2, 2 * 3 * 3, 8)
    torch.testing.assert_close(
        capsules[1, 9 + 3 * 2 + 1], squash(maps[1, 8:, 2, 1])
    )  # the second kind, row 2, column 1
    classes = ClassCapsules(18, 3, rounds=1)
    votes = torch.stack([classes.matrices[each] @ capsules[0, each] for each in range(18)])
    torch.testing.assert_close(classes(capsules)[0], squash(votes.mean(0) * 18 / 3))


def test_the_size_is_that_of_the_layers() -> None:
    """Of ResNet-18 its first layers and three stages; two convolutions; 32 x 6 x 6 capsules with a matrix a class."""
    other = torchvision.models.resnet18()
    stem = [other.conv1, other.bn1, other.layer1, other.layer2, other.layer3]
    features = sum(weight.numel() for each in stem for weight in each.parameters())
    assert features == 2_782_784
    convolution = 9 * 9 * 256 * 256 + 256
    assert CapsuleNet().parameter_count(3) == features + 2 * convolution + 32 * 6 * 6 * 3 * 16 * 8 == 13_842_496
    assert quick().parameter_count(3) == 332_672


def test_the_published_features_are_28_by_28() -> None:
    made: Any = CapsuleNet().network(INFO)
    with torch.no_grad():
        assert made.eval().features(torch.rand(1, 3, 224, 224)).shape == (1, 256, 28, 28)
    assert (CapsuleNetParameters().features, CapsuleNetParameters().side) == (28, 6)


def test_weights_of_torchvision_are_those_of_the_features(tmp_path: Path) -> None:
    other = torchvision.models.resnet18().eval()
    torch.save(other.state_dict(), tmp_path / "resnet18.pth")
    made: Any = method(stages=3, size=48, weights=str(tmp_path / "resnet18.pth")).network(INFO)
    picture = torch.rand(1, 3, 48, 48)
    expected = other.layer3(other.layer2(other.layer1(other.relu(other.bn1(other.conv1(picture))))))
    torch.testing.assert_close(made.eval().features(picture), expected)
    torch.save({"nothing": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(UsageError, match="does not fit timm:resnet18"):
        method(weights=str(tmp_path / "other.pth")).network(INFO)


@pytest.mark.parametrize(("motion", "moments"), [("apex", ("apex",)), ("difference", ("onset", "apex"))])
@pytest.mark.parametrize(("stages", "size"), [(1, 19), (2, 20), (3, 36)])
def test_every_motion_trains_every_number(motion: str, moments: tuple[str, ...], stages: int, size: int) -> None:
    made = method(motion=motion, stages=stages, size=size)
    declared = made.inputs()
    assert declared.frames is not None
    assert (declared.frames.at, declared.frames.size, declared.arrays) == (moments, (size, size), ())
    network = made.network(INFO)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)  # timm starts each block's last at nought, before which nothing has a gradient
    lengths = network(*(torch.rand(2, 3, size, size) for _ in moments))
    assert lengths.shape == (2, 3)
    assert ((lengths >= 0) & (lengths < 1)).all()
    lengths.square().sum().backward()
    still = [name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert still == []


def test_the_difference_forgets_what_both_frames_share() -> None:
    network = method(motion="difference").network(INFO).eval()
    onset, apex, light = torch.rand(3, 2, 3, 20, 20).unbind()
    torch.testing.assert_close(network(onset, apex), network(onset + light, apex + light))


def test_several_networks_run_as_one() -> None:
    networks = [method().network(INFO).eval() for _ in range(2)]
    picture = torch.rand(3, 3, 20, 20)
    together = vmap(lambda *state: functional_call(networks[0], state, (picture,)))(*stack_module_state(networks))
    apart = torch.stack([network(picture) for network in networks])
    torch.testing.assert_close(together, apart, rtol=1e-4, atol=1e-5)


def test_a_kernel_too_large_for_the_picture_is_refused_with_one_that_fits() -> None:
    said = "kernel=9 is not possible with size=64: the features are 8 x 8 and two such kernels need 17; "
    with pytest.raises(UsageError, match=said + "take a kernel of at most 4, or a size of at least 129"):
        CapsuleNetParameters(size=64)
    assert CapsuleNetParameters(size=64, kernel=4).side == 1
    assert CapsuleNetParameters(size=129).side == 1


def plain_network(network: nn.Module, picture: Tensor, training: bool) -> Tensor:
    """The released network, written out: three stages of ResNet-18, two convolutions, capsules routed three times."""
    own = {**dict(network.named_parameters()), **dict(network.named_buffers())}

    def convolved(x: Tensor, name: str, stride: int, padding: int) -> Tensor:
        return functional.conv2d(x, own[f"{name}.weight"], own.get(f"{name}.bias"), stride=stride, padding=padding)

    def normed(x: Tensor, name: str) -> Tensor:
        mean, var = own[f"{name}.running_mean"], own[f"{name}.running_var"]
        if training:
            mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
        scaled = (x - mean[:, None, None]) / (var[:, None, None] + 1e-5).sqrt()
        return scaled * own[f"{name}.weight"][:, None, None] + own[f"{name}.bias"][:, None, None]

    x = normed(convolved(picture, "features.0", 2, 3), "features.1").relu()
    for stage in (1, 2, 3):
        for block in (0, 1):
            name, stride = f"features.{stage + 2}.{block}", 2 if stage > 1 and block == 0 else 1
            y = normed(convolved(x, f"{name}.conv1", stride, 1), f"{name}.bn1").relu()
            y = normed(convolved(y, f"{name}.conv2", 1, 1), f"{name}.bn2")
            if stride == 2:
                x = normed(convolved(x, f"{name}.downsample.0", 2, 0), f"{name}.downsample.1")
            x = (x + y).relu()
    x = convolved(convolved(x, "conv", 1, 0).relu(), "primary.conv", 2, 0)
    clips, maps, rows, columns = x.shape
    capsules = x.reshape(clips, maps // 8, 8, rows * columns).transpose(2, 3).reshape(clips, -1, 8)

    def squashed(vectors: Tensor) -> Tensor:
        square = vectors.square().sum(-1, keepdim=True)
        return square / (1 + square) * vectors / square.sqrt()

    votes = (own["classes.matrices"] @ squashed(capsules)[:, :, None, :, None])[..., 0]
    still, b = votes.detach(), torch.zeros(votes.shape[:3], dtype=votes.dtype)
    for _ in range(2):  # agreement has no gradient
        v = squashed((b.exp() / b.exp().sum(2, keepdim=True))[..., None].mul(still).sum(1))
        b = b + (still * v[:, None]).sum(-1)
    return squashed((b.exp() / b.exp().sum(2, keepdim=True))[..., None].mul(votes).sum(1)).square().sum(-1).sqrt()


def test_the_network_is_the_released_one_in_evaluation_and_for_a_training_step(transcription: Any) -> None:
    network = transcription.fixed(method(stages=3, size=44).network(INFO))
    picture = torch.rand(4, 3, 44, 44, dtype=torch.float64)
    truth = torch.tensor([0, 2, 1, 1])
    transcription.require_equal(network, (picture,), lambda training: plain_network(network, picture, training), truth)
    training = CapsuleNet.recipe("published", 3).training
    assert training is not None
    lengths, one_hot = plain_network(network, picture, True), functional.one_hot(truth, 3)
    parameters = list(network.parameters())
    released = one_hot * (0.99 - lengths).clamp(min=0) ** 2 + 0.5 * (1 - one_hot) * (lengths - 0.01).clamp(min=0) ** 2
    ours = torch.autograd.grad(loss(training, network.train()(picture), truth, None), parameters)
    theirs = torch.autograd.grad(released.sum(1).mean(), parameters)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-9)


def test_the_published_recipe_is_that_of_the_released_script() -> None:
    training = CapsuleNet.recipe("published", 3).training
    assert training is not None
    named = ("flip", "rotation", "interpolation", "colour_jitter", "sampling", "margin_present", "margin_absent")
    assert [training.values()[name] for name in named] == [0.5, 8.0, "nearest", 0.2, "repeated", 0.99, 0.01]
    # the schedule is stepped before the first epoch
    assert learning_rates(training, 1)[:, 0] == pytest.approx([1e-4 * 0.9 ** (epoch + 1) for epoch in range(30)])


def test_recipes_ask_for_the_margin_loss() -> None:
    for name in ("published", "quick"):
        training = CapsuleNet.recipe(name, 3).training
        assert training is not None
        assert training.loss == "margin"
    assert (quick().parameters.motion, CapsuleNetParameters().motion) == ("difference", "apex")


@pytest.mark.slow
def test_motion_of_drawn_faces_is_learnt_across_people(tmp_path: Path) -> None:
    drawn = {"dataset.subjects": 3, "dataset.clips": 16}
    words: dict[str, Any] = {"scheme": "3-class", "device": "cpu", "rules": "last", "runs": tmp_path}
    control = merbench.run("majority", "loso", settings=drawn, **words).scores("last")
    small = {**drawn, "size": 32, "kernel": 3, "epochs": 8, "batch": 8, "flip": 0, "rotation": 0, "pad": 0}
    found = merbench.run("capsulenet", "loso", recipe="quick", settings=small, **words).scores("last")
    assert found.uf1 > control.uf1 + 0.2
