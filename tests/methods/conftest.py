"""Whether a network is what a plain transcription of its description says, in evaluation and for a training step."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional


def _fixed(network: nn.Module) -> nn.Module:
    """The network in float64, every parameter and statistic by a fixed rule, none at its initial value."""
    network.double()
    with torch.no_grad():
        for place, (name, value) in enumerate(network.state_dict(keep_vars=True).items()):
            if not value.is_floating_point():
                continue
            count = torch.arange(value.numel(), dtype=torch.float64)
            wave = torch.sin(count * 1.7 + 0.37 * place).reshape(value.shape)
            positive = name.endswith("running_var") or (value.ndim == 1 and name.endswith("weight"))
            value.copy_(1 + 0.4 * wave if positive else 0.2 * wave)
    return network


def _require_equal(
    network: nn.Module, views: tuple[Tensor, ...], plain: Callable[[bool], Tensor], truth: Tensor
) -> None:
    """Assert that logits and gradients are those of `plain(training)`, to 1e-6 relative, in both modes."""
    parameters = dict(network.named_parameters())
    for training in (False, True):
        network.train(training)
        expected = plain(training)
        logits = network(*views)
        torch.testing.assert_close(logits, expected, rtol=1e-6, atol=1e-9)
        ours, theirs = (
            torch.autograd.grad(functional.cross_entropy(said, truth), list(parameters.values()), allow_unused=True)
            for said in (logits, expected)
        )
        for name, one, other in zip(parameters, ours, theirs, strict=True):
            assert (one is None) == (other is None), name
            if one is not None:
                torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-9, msg=lambda text, n=name: f"{n}: {text}")


@pytest.fixture
def transcription() -> SimpleNamespace:
    """`fixed(network)` and `require_equal(network, views, plain, truth)`."""
    return SimpleNamespace(fixed=_fixed, require_equal=_require_equal)
