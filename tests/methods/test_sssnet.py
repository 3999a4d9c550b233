"""SSSNet against a plain transcription of its release, and its dropout of whole maps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from merbench.method import TrainInfo
from merbench.methods.sssnet import SSSNet, SSSNetParameters
from merbench.training.randomness import Dropout2d

INFO = TrainInfo(classes=tuple("abc"), labels=np.arange(3), subjects=tuple("abc"), action_units=((),) * 3)
FLOW = torch.randn(3, 3, 64, 64, generator=torch.Generator().manual_seed(2)).double()


def batch_norm(layer: Any, x: Tensor, training: bool) -> Tensor:
    """Batch normalisation written out."""
    mean, var = layer.running_mean, layer.running_var
    if training:
        mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
    shape = (1, -1, 1, 1)
    scaled = (x - mean.view(shape)) / torch.sqrt(var.view(shape) + 1e-5)
    normed: Tensor = scaled * layer.weight.view(shape) + layer.bias.view(shape)
    return normed


@pytest.mark.parametrize("softmax", [False, True])
def test_the_network_is_the_released_one(softmax: bool, transcription: Any) -> None:
    network: Any = transcription.fixed(SSSNet(SSSNetParameters(dropout=0.0, softmax=softmax)).network(INFO))

    def plain(training: bool) -> Tensor:
        x = FLOW
        for block, pool in zip(network.features, (3, 2), strict=True):
            x = functional.conv2d(x, block[0].weight, block[0].bias).clamp_min(0)
            side = x.shape[-1] // pool * pool
            x = x[:, :, :side, :side].unfold(2, pool, pool).unfold(3, pool, pool).amax((-1, -2))
            x = batch_norm(block[3], x, training)
        first, _, _, last = network.head
        assert x.flatten(1).shape[1] == 5_184
        x = (x.flatten(1) @ first.weight.T + first.bias).clamp_min(0) @ last.weight.T + last.bias
        return x.exp() / x.exp().sum(1, keepdim=True) if softmax else x

    transcription.require_equal(network, (FLOW,), plain, torch.tensor([0, 1, 2]))


def test_whole_maps_are_dropped_after_both_convolutions() -> None:
    network: Any = SSSNet().network(INFO).train()
    dropped = [block[4] for block in network.features]
    assert all(isinstance(layer, Dropout2d) for layer in dropped)
    layer = dropped[0]
    layer.generator = torch.Generator().manual_seed(0)
    seen = layer(torch.ones(50, 32, 4, 4))
    assert set(seen.unique().tolist()) == {0.0, 2.0}
    assert (seen.flatten(2).std(2) == 0).all()  # a map is whole or gone
    assert 0.4 < (seen[:, :, 0, 0] == 0).double().mean() < 0.6


def test_the_published_recipe_is_that_of_the_notebook() -> None:
    recipe = SSSNet.recipe("published", 3)
    assert recipe.parameters == {"softmax": True}
    assert recipe.training is not None
    assert (recipe.training.batch, recipe.training.epochs) == (32, 200)
