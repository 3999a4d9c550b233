"""STSTNet against a plain transcription of its description."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from merbench.method import TrainInfo
from merbench.methods.ststnet import STSTNet

INFO = TrainInfo(classes=tuple("abc"), labels=np.arange(3), subjects=tuple("abc"), action_units=((),) * 3)


def test_layers_are_those_of_the_description() -> None:
    network = STSTNet().network(INFO).eval()
    for stream in network.streams:
        norm = stream[2]
        norm.running_mean.copy_(torch.rand(norm.num_features))
        norm.running_var.copy_(0.5 + torch.rand(norm.num_features))
    flow = torch.randn(2, 3, 28, 28)
    joined = []
    for (conv, _, norm, *_), filters in zip(network.streams, (3, 5, 8), strict=True):
        assert conv.weight.shape == (filters, 3, 3, 3)
        x = torch.relu(functional.conv2d(functional.pad(flow, (2, 2, 2, 2)), conv.weight, conv.bias))
        x = functional.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias)
        joined.append(x.unfold(2, 3, 3).unfold(3, 3, 3).amax((-1, -2)))  # 30 x 30 in blocks of 3 x 3
    x = torch.cat(joined, 1)
    assert x.shape == (2, 16, 10, 10)
    x = x.reshape(2, 16, 5, 2, 5, 2).mean((3, 5))
    expected = x.reshape(2, 400) @ network.head.weight.T + network.head.bias
    torch.testing.assert_close(network(flow), expected, rtol=1e-4, atol=1e-5)


def test_published_recipes_are_those_of_the_two_releases() -> None:
    for name, epochs in (("published", 800), ("published-matlab", 500)):
        training = STSTNet.recipe(name, 3).training
        assert training is not None
        assert (training.epochs, training.batch, training.optimiser) == (epochs, 256, "adam")
        assert training.learning_rate == 5e-5
