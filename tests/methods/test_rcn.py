"""The RCN variants against plain transcriptions of their descriptions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from merbench import registry
from merbench.errors import UsageError
from merbench.method import TrainInfo
from merbench.methods.rcn import RCNA, RCNS, RCNW
from merbench.methods.rcn.parameters import RCNParameters, ShortcutParameters, WideParameters
from merbench.training.schedule import learning_rates

INFO = TrainInfo(classes=tuple("abc"), labels=np.arange(3), subjects=tuple("abc"), action_units=((),) * 3)
FLOW = torch.randn(2, 3, 60, 60, generator=torch.Generator().manual_seed(2))


def unsettled(network: nn.Module) -> nn.Module:
    """The network in evaluation, with running statistics that are not those it starts with."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.copy_(0.1 * torch.randn(module.num_features))  # type: ignore[union-attr]
            module.running_var.copy_(0.5 + torch.rand(module.num_features))  # type: ignore[union-attr]
    return network.eval()


def norm(layer: nn.BatchNorm2d, x: Tensor) -> Tensor:
    return torch.relu(functional.batch_norm(x, layer.running_mean, layer.running_var, layer.weight, layer.bias))


def rectified(layers: nn.Sequential, x: Tensor) -> Tensor:
    conv = layers[0]
    return norm(layers[1], functional.conv2d(x, conv.weight, conv.bias, padding=conv.weight.shape[-1] // 2))


def cells(x: Tensor) -> Tensor:
    return functional.max_pool2d(x, 2).reshape(2, 32, 5, -1, 5, x.shape[2] // 10).mean((3, 5))


def classified(network: nn.Module, x: Tensor) -> Tensor:
    return x.reshape(2, -1) @ network.head.weight.T + network.head.bias


def test_attention_is_the_class_activation_map() -> None:
    network = unsettled(RCNA().network(INFO))
    entering = functional.max_pool2d(rectified(network.stem[0], FLOW), 2)
    layer = network.recurrent[0]
    first = rectified(layer.again, entering + rectified(layer.entry, entering))
    pooled = cells(rectified(layer.again, entering + first))
    small = entering.reshape(2, 32, 5, 6, 5, 6).mean((3, 5))
    weight = network.head.weight.reshape(3, 32, 5, 5)
    attention = torch.zeros(2, 5, 5)
    for clip in range(2):
        for name in range(3):
            seen = (small[clip] * weight[name]).sum(0)
            attention[clip] += (seen - seen.min()) / (seen.max() - seen.min()) / 3
    expected = classified(network, pooled * attention[:, None])
    torch.testing.assert_close(network(FLOW), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kernels", [1, 2])
def test_each_pass_of_the_shortcut_sees_the_sum_of_all_before(kernels: int) -> None:
    network = unsettled(RCNS(ShortcutParameters(kernels=kernels)).network(INFO))
    entering = functional.max_pool2d(rectified(network.stem[0], FLOW), 2)
    layer = network.recurrent[0]
    zeroth = rectified(layer.entry, entering)
    first = rectified(layer.again, entering + zeroth)
    second = rectified(layer.again, entering + zeroth + first)
    third = rectified(layer.last if kernels == 2 else layer.again, entering + zeroth + first + second)
    torch.testing.assert_close(network(FLOW), classified(network, cells(third)), rtol=1e-3, atol=1e-4)


def test_the_wide_stem_has_three_dilations() -> None:
    network = unsettled(RCNW().network(INFO))
    wide = network.stem[0]
    branches = [
        functional.conv2d(FLOW, branch.weight, branch.bias, stride=3, padding=dilation, dilation=dilation)
        for dilation, branch in enumerate(wide.branches, 1)
    ]
    assert [branch.shape[1] for branch in branches] == [11, 11, 10]
    assert {branch.shape[2:] for branch in branches} == {(20, 20)}
    entering = functional.max_pool2d(norm(wide.norm, torch.cat(branches, 1)), 2)
    layer = network.recurrent[0]
    first = rectified(layer.again, entering + rectified(layer.entry, entering))
    pooled = cells(rectified(layer.again, entering + first))
    torch.testing.assert_close(network(FLOW), classified(network, pooled), rtol=1e-3, atol=1e-4)


def test_trained_numbers_are_those_measured_on_the_release() -> None:
    large = {"maps": 64, "pool": 7, "size": 84}
    assert RCNA(RCNParameters(**large)).parameter_count(3) == 55_747
    assert RCNW(WideParameters(**large)).parameter_count(3) == 52_675
    assert RCNS().parameter_count(3) == 24_643
    assert RCNS(ShortcutParameters(**large)).parameter_count(3) == 92_803
    own = 32 * 32 * 9 + 32 + 2 * 32  # one more 3 x 3 convolution with its normalisation
    assert RCNS(ShortcutParameters(kernels=1)).parameter_count(3) == 24_643 - own == RCNA().parameter_count(3)


def test_one_folder_serves_three_names() -> None:
    assert [registry.methods.get(name) for name in ("rcn-a", "rcn-s", "rcn-w")] == [RCNA, RCNS, RCNW]


def test_a_face_without_motion_has_finite_logits() -> None:
    assert bool(RCNA().network(INFO).eval()(torch.zeros(1, 3, 60, 60)).isfinite().all())


def test_more_cells_than_the_map_has_are_refused() -> None:
    assert WideParameters(size=60).cells == 5
    with pytest.raises(UsageError, match="the last map has 4 x 4 cells, fewer than the 5 x 5"):
        WideParameters(size=57)


def test_the_published_rate_halves_every_ten_epochs() -> None:
    training = RCNA.recipe("published", 3).training
    assert training is not None
    rates = learning_rates(training, 1)[:, 0]
    assert rates[[0, 10, 50]] == pytest.approx([5e-4, 2.5e-4, 5e-4 / 32])
