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
    """CapsuleNet as a module; it gives lengths of capsules, for the margin loss, where others give logits."""

    def __init__(self, parameters: CapsuleNetParameters, classes: int) -> None:
        super().__init__()
        width, kernel = parameters.width, parameters.kernel
        self.features = stem(parameters)
        self.conv = nn.Conv2d(64 * 2 ** (parameters.stages - 1), width, kernel)
        self.primary = PrimaryCapsules(width, kernel)
        self.classes = ClassCapsules(width // PRIMARY * parameters.side**2, classes, parameters.routings)

    def forward(self, picture: Tensor) -> Tensor:
        """Lengths `(clip class)` in 0..1 of the class capsules of a picture `(clip 3 height width)`."""
        features = functional.relu(self.conv(self.features(picture)))
        lengths: Tensor = torch.linalg.vector_norm(self.classes(self.primary(features)), dim=-1)
        return lengths


def stem(parameters: CapsuleNetParameters) -> nn.Sequential:
    """ResNet-18 as far as the stage asked for, without its max pooling."""
    found: Any = timm_network("resnet18", channels=3, size=parameters.size, classes=0, weights=parameters.weights)
    stages = (found.layer1, found.layer2, found.layer3)[: parameters.stages]
    return nn.Sequential(found.conv1, found.bn1, found.act1, *stages)
