"""The network: features of ResNet-18, a convolution, primary capsules, and a capsule a class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from merbench.training.bases.timm_networks import timm_network

from .capsules import PRIMARY, ClassCapsules, PrimaryCapsules

if TYPE_CHECKING:
    from . import CapsuleNetParameters


class Network(nn.Module):
    """CapsuleNet as a module; it gives lengths of capsules, for the margin loss, where others give logits.

    With `logits`, as multi-label tasks need them, it gives those whose sigmoid the lengths are.
    """

    def __init__(self, parameters: CapsuleNetParameters, classes: int, *, logits: bool = False) -> None:
        super().__init__()
        self.logits = logits
        width, kernel = parameters.width, parameters.kernel
        self.features = stem(parameters)
        self.conv = nn.Conv2d(64 * 2 ** (parameters.stages - 1), width, kernel)
        self.primary = PrimaryCapsules(width, kernel)
        self.classes = ClassCapsules(
            width // PRIMARY * parameters.side**2, classes, parameters.routings, parameters.spread
        )

    def forward(self, picture: Tensor) -> Tensor:
        """Lengths `(clip class)` in 0..1 of the class capsules of pictures `(clip 3 height width)`, or their logits."""
        features = functional.relu(self.conv(self.features(picture)))
        lengths: Tensor = torch.linalg.vector_norm(self.classes(self.primary(features)), dim=-1)
        return _logits(lengths) if self.logits else lengths


def _logits(lengths: Tensor) -> Tensor:
    # of halves, too many lengths would be 1
    return torch.logit(lengths.to(torch.promote_types(lengths.dtype, torch.float32)), eps=1e-6)


def stem(parameters: CapsuleNetParameters) -> nn.Sequential:
    """ResNet-18 up to the given stage, without its max pooling."""
    resnet: Any = timm_network("resnet18", channels=3, size=parameters.size, classes=0, weights=parameters.weights)
    stages = (resnet.layer1, resnet.layer2, resnet.layer3)[: parameters.stages]
    return nn.Sequential(resnet.conv1, resnet.bn1, resnet.act1, *stages)
