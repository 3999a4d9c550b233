"""HTNet: its four regions, its size, and attention that has one token."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from merbench.method import TrainInfo
from merbench.methods.htnet import HTNet, HTNetParameters
from merbench.methods.htnet.network import DEPTH, HEADS
from merbench.methods.htnet.regions import FIXED, fixed_regions, regions

CLASSES = tuple("abc")
INFO = TrainInfo(classes=CLASSES, labels=np.arange(3), subjects=CLASSES, action_units=((),) * 3)


def network(**settings: Any) -> Any:
    return HTNet(HTNetParameters().changed({"width": 12, "depth": 1, **settings})).network(INFO)


def test_every_number_is_trained() -> None:
    made = network()
    logits = made(torch.randn(2, 3, 28, 28), torch.rand(2, 1, 68, 2) * 28)
    assert logits.shape == (2, 3)
    logits.square().sum().backward()
    assert [name for name, weight in made.named_parameters() if weight.grad is None] == []


def test_the_released_size_is_reached_with_the_queries_and_keys_that_do_nothing() -> None:
    with torch.device("meta"):
        made = sum(weight.numel() for weight in HTNet().network(INFO).parameters())
    widths, depths = (256, 512, 1024), (DEPTH, DEPTH, 10)
    without_effect = sum(
        depth * 2 * width * (width // heads * heads) for width, heads, depth in zip(widths, HEADS, depths, strict=True)
    )
    assert made == 117_387_782
    assert round((made + without_effect) / 1e6, 1) == 139.6


def test_attention_of_one_token_is_its_value() -> None:
    query, key, value = torch.randn(3, 5, 1, 8).unbind()
    torch.testing.assert_close(functional.scaled_dot_product_attention(query, key, value), value)


def test_regions_lie_around_eyes_and_mouth_and_within_the_picture() -> None:
    flow = torch.arange(28.0 * 28).reshape(1, 1, 28, 28)
    points = torch.zeros(1, 68, 2)
    points[0, 36:42] = torch.tensor([9.0, 10.0])
    points[0, 42:48] = torch.tensor([19.2, 10.4])
    points[0, 48] = torch.tensor([2.0, 30.0])  # pushed in
    points[0, 54] = torch.tensor([21.0, 21.0])
    found = regions(flow, points)[0, 0]
    plain = flow[0, 0]
    assert torch.equal(found[:14, :14], plain[3:17, 2:16])
    assert torch.equal(found[:14, 14:], plain[3:17, 12:26])
    assert torch.equal(found[14:, :14], plain[14:, :14])
    assert torch.equal(found[14:, 14:], plain[14:, 14:])


def test_fixed_regions_are_those_of_a_face_whose_landmarks_are_there() -> None:
    flow = torch.rand(3, 2, 28, 28)
    points = torch.zeros(3, 68, 2)
    for own, middle in zip((slice(36, 42), slice(42, 48), 48, 54), FIXED, strict=True):
        points[:, own] = torch.tensor(middle, dtype=torch.float32)
    assert torch.equal(fixed_regions(flow), regions(flow, points))


def test_with_fixed_regions_nothing_but_flow_is_needed() -> None:
    fixed = HTNet(HTNetParameters().changed({"regions": "fixed"}))
    assert [each.shape for each in fixed.inputs().arrays] == [(3, 28, 28)]
    made = network(regions="fixed")
    flow = torch.randn(2, 3, 28, 28)
    torch.testing.assert_close(made(flow), made.classified(fixed_regions(flow)))


def test_regions_leave_identities_of_runs_of_before_as_they_were() -> None:
    assert "regions" not in HTNetParameters().described()
    assert HTNetParameters().changed({"regions": "fixed"}).described()["regions"] == "fixed"


def test_recipes_build_and_say_what_is_seen() -> None:
    quick = HTNet(HTNetParameters().changed(HTNet.recipe("quick", 3).parameters))
    assert quick.parameter_count(3) == 527_302
    assert HTNet.recipe("published", 3).training is not None
    flow, landmarks = HTNet().inputs().arrays
    assert (flow.shape, landmarks.shape) == ((3, 28, 28), (1, 68, 2))


def channel_norm(norm: Any, x: Tensor) -> Tensor:
    mean, var = x.mean(1, keepdim=True), x.var(1, keepdim=True, unbiased=False)
    scaled = (x - mean) / torch.sqrt(var + 1e-5)
    return scaled * norm.weight[None, :, None, None] + norm.bias[None, :, None, None]


def test_the_network_is_the_released_one(transcription: Any) -> None:
    """Queries and keys are made here, as in the release, to show that they say nothing with one patch a block."""
    made = transcription.fixed(network())
    flow = torch.randint(0, 256, (4, 3, 28, 28), generator=torch.Generator().manual_seed(3)).double()
    landmarks = torch.full((4, 1, 68, 2), 13.0, dtype=torch.float64)
    query_key = torch.randn(2, 64, 64, generator=torch.Generator().manual_seed(4)).double()

    def attention(layer: Any, x: Tensor, heads: int) -> Tensor:
        normed = channel_norm(layer.norm.norm, x)
        value = functional.conv2d(normed, layer.value.weight)
        width = value.shape[1] // heads
        out = torch.zeros_like(value)
        for y in range(x.shape[2]):
            for z in range(x.shape[3]):  # each place is a block of one token
                token = value[:, :, y, z].reshape(len(x), heads, 1, width)
                query, key = (token @ weight[:width, :width] for weight in query_key)
                weights = (query @ key.transpose(-1, -2) * width**-0.5).softmax(-1)
                out[:, :, y, z] = (weights @ token).flatten(1)
        return functional.conv2d(out, layer.out.weight, layer.out.bias)

    def plain(training: bool) -> Tensor:
        x = functional.conv2d(regions(flow, landmarks[:, 0]), made.embed.weight, made.embed.bias, stride=7)
        levels = list(made.levels)
        for place, heads in zip((0, 2, 4), HEADS, strict=True):
            level = levels[place]
            x = x + level.place
            for own, forth in zip(level.attention, level.forth, strict=True):
                x = x + attention(own, x, heads)
                hidden = functional.conv2d(channel_norm(forth[0].norm, x), forth[1].weight, forth[1].bias)
                x = x + functional.conv2d(functional.gelu(hidden), forth[3].weight, forth[3].bias)
            if place < 4:
                conv, norm, _ = levels[place + 1]
                x = channel_norm(norm.norm, functional.conv2d(x, conv.weight, conv.bias, padding=1))
                x = functional.pad(x, (1, 1, 1, 1), value=-torch.inf).unfold(2, 3, 2).unfold(3, 3, 2).amax((-1, -2))
        norm, linear = made.head
        x = x.mean((2, 3))
        x = functional.layer_norm(x, x.shape[1:], norm.weight, norm.bias)
        return x @ linear.weight.T + linear.bias

    transcription.require_equal(made, (flow, landmarks), plain, torch.tensor([0, 1, 2, 0]))
