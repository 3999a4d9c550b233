"""The network: motion through continuous attention, position added, one linear head over the flattened map."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .attention import Block, convolution
from .parameters import MMNetParameters
from .position import VisionTransformer

#: Channels and stride of the four blocks (released code).
STAGES = ((128, 1), (128, 2), (256, 2), (512, 2))


class Network(nn.Module):
    """MMNet as a module; `official.load` gives it the weights of the authors' released modules."""

    def __init__(self, parameters: MMNetParameters, classes: int) -> None:
        super().__init__()
        self.motion = parameters.motion
        self.stem = nn.Sequential(convolution(3, 180, 3, stride=2), nn.BatchNorm2d(180), nn.ReLU())
        self.widen = nn.Sequential(convolution(180, 128, 3), nn.BatchNorm2d(128), nn.ReLU())
        inside = (128, *(channels for channels, _ in STAGES))
        self.blocks = nn.ModuleList(Block(before, *stage) for before, stage in zip(inside, STAGES, strict=False))
        self.position = VisionTransformer(parameters)
        self.head = nn.Linear(512 * self.position.side**2, classes)
        for part in (self.widen, self.blocks):
            part.apply(_initialise)
        with torch.no_grad():
            self.head.weight.mul_(parameters.head_scale)

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        """Logits `(clip class)` of normalised frames, each `(clip 3 height width)`."""
        features = self.widen(self.stem(apex - onset if self.motion == "difference" else apex))
        attention = None
        for block in self.blocks:
            features, attention = block(features, attention)
        calibrated = features + self.position(onset)
        logits: Tensor = self.head(calibrated.flatten(1))
        return logits


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
