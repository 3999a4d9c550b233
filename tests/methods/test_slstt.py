"""SLSTT: both ways over time, both pictures of flow, and the transformer of the paper's shape."""

from __future__ import annotations

import colorsys
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from merbench.errors import UsageError
from merbench.method import TrainInfo
from merbench.methods.slstt import SLSTT, SLSTTParameters
from merbench.methods.slstt.colour import rendered
from merbench.training.optim import learning_rates
from merbench.training.randomness import Dropout, set_generator, set_generators

CLASSES = tuple("abcde")
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
INFO = TrainInfo(classes=CLASSES, labels=np.arange(5), subjects=CLASSES, action_units=((),) * 5)
SMALL = {"size": 16, "frames": 3, "patch": 8, "width": 16, "depth": 1, "heads": 2, "hidden": 8, "layers": 2}


def network(**settings: Any) -> Any:
    return SLSTT(SLSTTParameters().changed({**SMALL, **settings})).network(INFO)


@pytest.mark.parametrize("temporal", ["lstm", "mean"])
@pytest.mark.parametrize("colour", ["hsv", "uv"])
def test_every_number_is_trained(temporal: str, colour: str) -> None:
    made = network(temporal=temporal, colour=colour)
    logits = made(torch.randn(2, 3, 2, 16, 16))
    assert logits.shape == (2, 5)
    logits.square().sum().backward()
    assert [name for name, weight in made.named_parameters() if weight.grad is None] == []


def test_only_the_mean_forgets_the_order() -> None:
    flow = torch.randn(2, 3, 2, 16, 16)
    mean, lstm = network(temporal="mean", colour="uv").eval(), network(temporal="lstm", colour="uv", hidden=64).eval()
    torch.testing.assert_close(mean(flow), mean(flow.flip(1)))
    assert not torch.allclose(lstm(flow), lstm(flow.flip(1)), atol=1e-6)


@pytest.mark.parametrize("over", ["frame", "clip"])
def test_flow_is_coloured_as_colorsys_says(over: str) -> None:
    flow = torch.randn(2, 3, 2, 4, 4)
    longest = flow.norm(dim=2).amax((1, 2, 3) if over == "clip" else (2, 3))
    found = rendered(flow, over)
    for clip, time, y, x in [(0, 0, 0, 0), (0, 2, 3, 1), (1, 1, 2, 2), (1, 0, 3, 3)]:
        u, v = flow[clip, time, :, y, x].tolist()
        most = longest[clip] if over == "clip" else longest[clip, time]
        expected = colorsys.hsv_to_rgb(math.atan2(v, u) / (2 * math.pi) % 1, 1, math.hypot(u, v) / most.item())
        normalised = [(channel - mean) / std for channel, mean, std in zip(expected, MEAN, STD, strict=True)]
        assert found[clip, time, :, y, x].tolist() == pytest.approx(normalised, abs=1e-5)
    black = [-mean / std for mean, std in zip(MEAN, STD, strict=True)]
    assert rendered(torch.zeros(1, 2, 2, 4, 4))[0, 1, :, 3, 0].tolist() == pytest.approx(black)


def test_the_transformer_is_vit_b_at_the_papers_size() -> None:
    chosen = SLSTTParameters()
    tokens = (chosen.size // chosen.patch) ** 2 + 1
    block = 12 * chosen.width**2 + 13 * chosen.width  # attention, two layers, two norms
    transformer = chosen.depth * block + (3 * chosen.patch**2 + 1 + tokens + 1 + 2) * chosen.width
    assert transformer == 86_090_496  # timm's vit_base_patch16_384 without a classifier
    assert SLSTT().inputs().arrays[0].shape == (11, 2, 384, 384)


def test_recipes_build() -> None:
    quick = SLSTT.recipe("quick", 5)
    made = SLSTT(SLSTTParameters().changed(quick.parameters)).network(INFO)
    assert made(torch.randn(1, 11, 2, 48, 48)).shape == (1, 5)
    assert SLSTT.recipe("published", 5).training is not None


def test_sizes_that_do_not_divide_are_refused() -> None:
    with pytest.raises(UsageError, match="size=40 is not possible with patch=16: size must be divisible by patch"):
        SLSTTParameters(size=40)
    with pytest.raises(UsageError, match="width=20 is not possible with heads=3"):
        SLSTTParameters(width=20, heads=3)


def test_the_head_is_that_of_the_release() -> None:
    lstm, mean = network(temporal="lstm"), network(temporal="mean")
    assert [tuple(layer.weight.shape) for layer in lstm.head[::2]] == [(4, 8), (5, 4)]
    pictures = torch.randn(2, 3, 2, 16, 16)
    own = mean.eval().spatial(rendered(pictures).flatten(0, 1)).unflatten(0, (2, 3)).mean(1)
    torch.testing.assert_close(mean(pictures), own)  # the transformer's own logits


def test_every_layer_drops_attention_and_what_its_branches_add() -> None:
    made = network(depth=2, dropout=0.1)
    assert [each.rate for each in made.modules() if type(each) is Dropout] == [0.1] * 6
    flow = torch.randn(2, 3, 2, 16, 16)
    before = torch.random.get_rng_state()
    set_generator(made, torch.device("cpu"), 1)
    first, second = made(flow), made(flow)
    assert not torch.equal(first, second)
    set_generator(made, torch.device("cpu"), 1)
    assert torch.equal(made(flow), first)
    assert torch.equal(torch.random.get_rng_state(), before)  # nothing is drawn but by the engine
    assert torch.equal(made.eval()(flow), made(flow))
    still = network(depth=2, dropout=0.0).train()
    assert torch.equal(still(flow), still(flow))


def test_attention_without_dropout_is_that_of_the_fused_kernel() -> None:
    made, flow = network(dropout=0.5).eval(), torch.randn(2, 3, 2, 16, 16)
    apart = made(flow)
    for block in made.spatial.blocks:
        block.attn.fused_attn = True
    torch.testing.assert_close(made(flow), apart)


def test_dropped_folds_run_as_one() -> None:
    alone, flow = network(dropout=0.3, temporal="mean"), torch.randn(2, 3, 2, 16, 16)
    states = [{name: value.detach() for name, value in alone.named_parameters()}] * 2
    expected = []
    for seed in (4, 5):
        set_generator(alone, torch.device("cpu"), seed)
        expected.append(alone(flow))
    set_generators(alone, torch.device("cpu"), (4, 5))
    stacked = {name: torch.stack([state[name] for state in states]) for name in states[0]}
    found = torch.func.vmap(lambda state: torch.func.functional_call(alone, state, (flow,)), randomness="error")(
        stacked
    )
    torch.testing.assert_close(found, torch.stack(expected), rtol=1e-4, atol=1e-5)


def test_the_published_rate_is_a_tenth_from_the_thirtieth_epoch_on() -> None:
    training = SLSTT.recipe("published", 5).training
    assert training is not None
    rates = learning_rates(training, 2)
    assert rates[[0, 28, 29, 39], 0] == pytest.approx([0.01, 0.01, 0.001, 0.001])


def norm(layer: Any, x: Tensor) -> Tensor:
    centred = x - x.mean(-1, keepdim=True)
    return centred / torch.sqrt((centred**2).mean(-1, keepdim=True) + 1e-6) * layer.weight + layer.bias


def attended(layer: Any, x: Tensor, heads: int) -> Tensor:
    query, key, value = (x @ layer.qkv.weight.T + layer.qkv.bias).chunk(3, dim=-1)
    width = x.shape[-1] // heads
    seen = []
    for head in range(heads):
        own = slice(head * width, (head + 1) * width)
        weights = (query[..., own] @ key[..., own].transpose(-1, -2) / math.sqrt(width)).softmax(-1)
        seen.append(weights @ value[..., own])
    return torch.cat(seen, -1) @ layer.proj.weight.T + layer.proj.bias


def last_state(layers: torch.nn.LSTM, x: Tensor) -> Tensor:
    for number in range(layers.num_layers):
        into, recurrent, one, other = (
            getattr(layers, f"{name}_l{number}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        state = cell = x.new_zeros(len(x), layers.hidden_size)
        states = []
        for time in range(x.shape[1]):
            gates = x[:, time] @ into.T + one + state @ recurrent.T + other
            entrance, forget, candidate, exit_ = gates.chunk(4, dim=1)
            cell = forget.sigmoid() * cell + entrance.sigmoid() * candidate.tanh()
            state = exit_.sigmoid() * cell.tanh()
            states.append(state)
        x = torch.stack(states, 1)
    return x[:, -1]


@pytest.mark.parametrize("temporal", ["lstm", "mean"])
def test_the_network_is_the_released_one(temporal: str, transcription: Any) -> None:
    """A ViT on each flow picture; then LSTM, half as many, ReLU, classes, or the mean of the ViT's own logits."""
    made = transcription.fixed(network(temporal=temporal, depth=2, dropout=0.0))
    flow = torch.randn(3, 3, 2, 16, 16, generator=torch.Generator().manual_seed(5)).double()

    def spatial(pictures: Tensor) -> Tensor:
        vit = made.spatial
        weight, bias = vit.patch_embed.proj.weight, vit.patch_embed.proj.bias
        tokens = functional.conv2d(pictures, weight, bias, stride=8).flatten(2).transpose(1, 2)
        x = torch.cat([vit.cls_token.expand(len(tokens), -1, -1), tokens], 1) + vit.pos_embed
        for block in vit.blocks:
            x = x + attended(block.attn, norm(block.norm1, x), SMALL["heads"])
            hidden = norm(block.norm2, x) @ block.mlp.fc1.weight.T + block.mlp.fc1.bias
            gelu = hidden * 0.5 * (1 + torch.erf(hidden / math.sqrt(2)))
            x = x + gelu @ block.mlp.fc2.weight.T + block.mlp.fc2.bias
        seen = norm(vit.norm, x)[:, 0]
        return seen if temporal == "lstm" else seen @ vit.head.weight.T + vit.head.bias

    def plain(training: bool) -> Tensor:
        seen = torch.stack([spatial(rendered(flow)[:, time]) for time in range(flow.shape[1])], 1)
        if temporal == "mean":
            return seen.mean(1)
        first, _, second = made.head
        summary = (last_state(made.temporal, seen) @ first.weight.T + first.bias).clamp_min(0)
        return summary @ second.weight.T + second.bias

    transcription.require_equal(made, (flow,), plain, torch.tensor([0, 4, 2]))
