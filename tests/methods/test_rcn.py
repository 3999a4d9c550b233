"""The RCN variants against plain transcriptions of their descriptions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from merbench import registry
from merbench.errors import UsageError
from merbench.method import TrainInfo
from merbench.methods.rcn import RCNA, RCNS, RCNW
from merbench.methods.rcn.attention import activation_map
from merbench.methods.rcn.parameters import RCNParameters, ShortcutParameters, WideParameters
from merbench.methods.rcn.pooling import adaptive_average
from merbench.training.optim import learning_rates

INFO = TrainInfo(classes=tuple("abc"), labels=np.arange(3), subjects=tuple("abc"), action_units=((),) * 3)
FLOW = torch.randn(2, 3, 60, 60, generator=torch.Generator().manual_seed(2)).double()


TRUTH = torch.tensor([0, 2])


def batch_norm(layer: Any, x: Tensor, training: bool) -> Tensor:
    """Batch normalisation written out."""
    mean, var = layer.running_mean, layer.running_var
    if training:
        mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
    shape = (1, -1, 1, 1)
    scaled = (x - mean.view(shape)) / torch.sqrt(var.view(shape) + 1e-5)
    normed: Tensor = scaled * layer.weight.view(shape) + layer.bias.view(shape)
    return normed


def rectified(layers: nn.Sequential, x: Tensor, training: bool) -> Tensor:
    conv = layers[0]
    return batch_norm(layers[1], functional.conv2d(x, conv.weight, conv.bias, padding="same"), training).clamp_min(0)


def stem(network: Any, training: bool) -> Tensor:
    """A 5x5 convolution without padding, norm, ReLU, pooled by two."""
    conv, norm, _ = network.stem[0]
    x = batch_norm(norm, functional.conv2d(FLOW, conv.weight, conv.bias), training).clamp_min(0)
    assert x.shape[2:] == (56, 56)
    return functional.max_pool2d(x, 2)


def recurrent(layer: Any, x: Tensor, training: bool) -> Tensor:
    first = rectified(layer.again, x + rectified(layer.entry, x, training), training)
    return rectified(layer.again, x + first, training)


def cells(x: Tensor) -> Tensor:
    return functional.adaptive_avg_pool2d(functional.max_pool2d(x, 2), 5)


def classified(network: Any, x: Tensor) -> Tensor:
    return x.reshape(2, -1) @ network.head.weight.T + network.head.bias


def test_attention_is_the_class_activation_map(transcription: Any) -> None:
    network: Any = transcription.fixed(RCNA(RCNParameters(dropout=0.0)).network(INFO))

    def plain(training: bool) -> Tensor:
        entering = stem(network, training)
        small = functional.adaptive_avg_pool2d(entering, 5)
        weight = network.head.weight.reshape(3, 32, 5, 5)
        maps = []
        for clip in range(2):
            seen = [(small[clip] * weight[name]).sum(0) for name in range(3)]
            maps.append(sum((each - each.min()) / (each.max() - each.min()) for each in seen) / 3)
        attention = torch.stack(maps)[:, None]  # type: ignore[arg-type]
        return classified(network, cells(recurrent(network.recurrent[0], entering, training)) * attention)

    transcription.require_equal(network, (FLOW,), plain, TRUTH)


def test_the_shortcut_applies_one_kernel_three_times_to_the_sum_of_all_before(transcription: Any) -> None:
    network: Any = transcription.fixed(RCNS(ShortcutParameters(dropout=0.0)).network(INFO))

    def plain(training: bool) -> Tensor:
        entering = stem(network, training)
        layer = network.recurrent[0]
        zeroth = rectified(layer.entry, entering, training)
        first = rectified(layer.again, entering + zeroth, training)
        second = rectified(layer.again, entering + zeroth + first, training)
        third = rectified(layer.again, entering + zeroth + first + second, training)
        return classified(network, cells(third))

    transcription.require_equal(network, (FLOW,), plain, TRUTH)


def test_the_wide_stem_has_three_dilations_relu_before_norm_and_no_pooling(transcription: Any) -> None:
    network: Any = transcription.fixed(RCNW(WideParameters(dropout=0.0)).network(INFO))

    def plain(training: bool) -> Tensor:
        wide = network.stem[0]
        branches = [
            functional.conv2d(FLOW, branch.weight, branch.bias, stride=3, padding=dilation, dilation=dilation)
            for dilation, branch in enumerate(wide.branches, 1)
        ]
        assert [branch.shape[1] for branch in branches] == [16, 8, 8]
        entering = batch_norm(wide.norm, torch.cat(branches, 1).clamp_min(0), training)
        assert entering.shape[2:] == (20, 20)
        return classified(network, cells(recurrent(network.recurrent[0], entering, training)))

    transcription.require_equal(network, (FLOW,), plain, TRUTH)


def test_initial_weights_are_those_of_the_release() -> None:
    network: Any = RCNA(RCNParameters(maps=64)).network(INFO)
    assert not network.head.bias.any()
    assert network.head.weight.std().item() == pytest.approx(0.01, rel=0.1)
    conv = network.recurrent[0].again[0].weight
    assert conv.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.1)  # gain of ReLU over the fan out


def test_parameter_counts_are_those_measured_on_the_release() -> None:
    large = {"maps": 64, "pool": 7, "size": 84}
    assert RCNA(RCNParameters(**large)).parameter_count(3) == 55_747
    assert RCNW(WideParameters(**large)).parameter_count(3) == 52_675
    assert RCNS().parameter_count(3) == RCNA().parameter_count(3)  # the release's other kernel gets no gradient
    own = 32 * 32 * 9 + 32 + 2 * 32
    assert RCNS(ShortcutParameters(kernels=2)).parameter_count(3) == 24_643 == 15_331 + own


def test_one_folder_serves_three_names() -> None:
    assert [registry.methods.get(name) for name in ("rcn-a", "rcn-s", "rcn-w")] == [RCNA, RCNS, RCNW]


def test_a_face_without_motion_has_finite_logits() -> None:
    assert bool(RCNA().network(INFO).eval()(torch.zeros(1, 3, 60, 60)).isfinite().all())


def test_more_cells_than_the_map_has_are_refused() -> None:
    assert WideParameters(size=60).cells == 10
    assert RCNParameters(size=60).cells == 14
    with pytest.raises(UsageError, match="the last map has 4 x 4 cells, fewer than the 5 x 5"):
        WideParameters(size=25)
    with pytest.raises(UsageError, match="the last map has 3 x 3 cells, fewer than the 5 x 5"):
        RCNParameters(size=16)


def test_the_published_rate_is_constant() -> None:
    training = RCNA.recipe("published", 3).training
    assert training is not None
    assert set(learning_rates(training, 1).ravel().tolist()) == {5e-4}


@pytest.mark.parametrize(("height", "width", "side"), [(21, 21, 5), (20, 15, 5), (3, 7, 5), (5, 5, 5), (9, 4, 1)])
def test_cells_are_those_of_torchs_adaptive_pooling(height: int, width: int, side: int) -> None:
    ours = torch.randn(2, 3, height, width, dtype=torch.float64, requires_grad=True)
    theirs = ours.detach().clone().requires_grad_()
    cells, expected = adaptive_average(ours, side), torch.nn.functional.adaptive_avg_pool2d(theirs, side)
    torch.testing.assert_close(cells, expected)
    weights = torch.randn_like(cells)
    (cells * weights).sum().backward()
    (expected * weights).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)


def test_a_map_without_contrast_weighs_nothing_and_passes_no_gradient() -> None:
    features = torch.ones(1, 4, 5, 5, requires_grad=True)
    seen = activation_map(features, torch.ones(3, 4 * 25), 5)
    seen.sum().backward()
    assert features.grad is not None
    assert not seen.any()
    assert not features.grad.any()
