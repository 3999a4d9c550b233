"""SLSTT: both ways over time, both pictures of flow, and the transformer of the paper's shape."""

from __future__ import annotations

import colorsys
import math
from typing import Any

import numpy as np
import pytest
import torch

from merbench.errors import UsageError
from merbench.method import TrainInfo
from merbench.methods.slstt import SLSTT, SLSTTParameters
from merbench.methods.slstt.colour import rendered

CLASSES = tuple("abcde")
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
    mean, lstm = network(temporal="mean", colour="uv").eval(), network(temporal="lstm", colour="uv").eval()
    torch.testing.assert_close(mean(flow), mean(flow.flip(1)))
    assert not torch.allclose(lstm(flow), lstm(flow.flip(1)), atol=1e-6)


def test_flow_is_coloured_as_colorsys_says() -> None:
    flow = torch.randn(2, 3, 2, 4, 4)
    longest = flow.norm(dim=2).amax((1, 2, 3))
    found = rendered(flow)
    for clip, time, y, x in [(0, 0, 0, 0), (0, 2, 3, 1), (1, 1, 2, 2), (1, 0, 3, 3)]:
        u, v = flow[clip, time, :, y, x].tolist()
        expected = colorsys.hsv_to_rgb(math.atan2(v, u) / (2 * math.pi) % 1, 1, math.hypot(u, v) / longest[clip].item())
        assert found[clip, time, :, y, x].tolist() == pytest.approx([2 * channel - 1 for channel in expected], abs=1e-5)
    assert (rendered(torch.zeros(1, 2, 2, 4, 4)) == -1).all()


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
