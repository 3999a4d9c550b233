"""OFF-ApexNet and Dual-Inception against plain transcriptions of their descriptions; no release is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from merbench.method import TrainInfo
from merbench.methods.dual_inception import DualInception, DualInceptionParameters
from merbench.methods.off_apexnet import OFFApexNet, OFFApexNetParameters

INFO = TrainInfo(classes=tuple("abc"), labels=np.arange(3), subjects=tuple("abc"), action_units=((),) * 3)
FLOW = torch.randn(4, 2, 28, 28, generator=torch.Generator().manual_seed(3)).double()
TRUTH = torch.tensor([0, 1, 2, 1])


def convolved(own: dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    """A convolution that keeps the size, then ReLU, as a sum over the places of its kernel."""
    weight, bias = own[f"{name}.weight"], own[f"{name}.bias"]
    reach, (height, width) = weight.shape[-1] // 2, x.shape[-2:]
    padded, y = functional.pad(x, (reach,) * 4), bias[:, None, None]
    for down in range(weight.shape[-2]):
        for right in range(weight.shape[-1]):
            seen = padded[:, :, down : down + height, right : right + width]
            y = y + torch.einsum("oi,nihw->nohw", weight[:, :, down, right], seen)
    return y.relu()


def halved(x: Tensor) -> Tensor:
    return x.unfold(2, 2, 2).unfold(3, 2, 2).amax((-1, -2))


def test_off_apexnet_is_what_its_paper_describes(transcription: Any) -> None:
    network = transcription.fixed(OFFApexNet(OFFApexNetParameters(hidden=32)).network(INFO))
    own = dict(network.named_parameters())

    def plain(training: bool) -> Tensor:
        streams = []
        for channel, name in enumerate(("horizontal", "vertical")):
            x = halved(convolved(own, f"{name}.0", FLOW[:, channel : channel + 1]))
            streams.append(halved(convolved(own, f"{name}.3", x)).flatten(1))
        x = torch.cat(streams, 1)
        assert x.shape[1] == 1568
        for place in (0, 2):
            x = (x @ own[f"head.{place}.weight"].T + own[f"head.{place}.bias"]).relu()
        return x @ own["head.4.weight"].T + own["head.4.bias"]

    transcription.require_equal(network, (FLOW,), plain, TRUTH)


def test_dual_inception_is_what_is_described(transcription: Any) -> None:
    network = transcription.fixed(DualInception(DualInceptionParameters(hidden=32)).network(INFO))
    own = dict(network.named_parameters())

    def inception(name: str, x: Tensor) -> Tensor:
        pooled = functional.pad(x, (1, 1, 1, 1), value=-torch.inf).unfold(2, 3, 1).unfold(3, 3, 1).amax((-1, -2))
        one = [convolved(own, f"{name}.paths.{path}.0.0", x) for path in (0, 1)]
        paths = [convolved(own, f"{name}.paths.{path}.1.0", each) for path, each in enumerate(one)]
        paths += [convolved(own, f"{name}.paths.2.1.0", pooled), convolved(own, f"{name}.paths.3.0", x)]
        return torch.cat(paths, 1)

    def plain(training: bool) -> Tensor:
        streams = []
        for channel, name in enumerate(("horizontal", "vertical")):
            x = halved(inception(f"{name}.0", FLOW[:, channel : channel + 1]))
            streams.append(halved(inception(f"{name}.2", x)).flatten(1))
        x = torch.cat(streams, 1)
        assert x.shape[1] == 6272
        x = (x @ own["head.0.weight"].T + own["head.0.bias"]).relu()
        return x @ own["head.2.weight"].T + own["head.2.bias"]

    transcription.require_equal(network, (FLOW,), plain, TRUTH)
