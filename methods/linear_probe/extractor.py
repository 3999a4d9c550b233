"""The frozen network, with random values or weights from a file, and its features of frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from merbench.training.bases.timm_networks import timm_network

if TYPE_CHECKING:
    import numpy.typing as npt

    from . import LinearProbeParameters

#: Of the 0..1 image, by channel: ImageNet, as nearly all weights of timm were trained.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def extractor(parameters: LinearProbeParameters) -> nn.Module:
    """The network without its classifier, in evaluation mode; torch's global generators are left as they were."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(parameters.draw)
        network = timm_network(
            parameters.network, channels=3, size=parameters.size, classes=0, weights=parameters.weights
        )
    return network.eval()


@torch.no_grad()
def features(network: nn.Module, frames: npt.NDArray[np.uint8], views: str) -> npt.NDArray[np.float32]:
    """Features `(clip value)` of frames `(clip moment height width rgb)`, moments onset and apex."""
    std, mean = (torch.tensor(each)[:, None, None] for each in (STD, MEAN))
    pictures = torch.from_numpy(np.ascontiguousarray(frames)).movedim(-1, 2).float() / 255
    onset, apex = pictures[:, 0], pictures[:, 1]
    seen = {
        "onset": (onset - mean) / std,
        "apex": (apex - mean) / std,
        "difference": (apex - onset) / std,
    }
    rows: list[Tensor] = [network(seen[view]) for view in views.split("+")]
    joined: npt.NDArray[Any] = torch.cat(rows, 1).numpy()
    return joined.astype(np.float32)
