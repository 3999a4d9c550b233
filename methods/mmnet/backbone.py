"""The main branch: MMNet's own stem and four blocks, each weighted by attention."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .attention import Attention, convolution
from .components import attention
from .parameters import MMNetParameters

#: Channels of the four blocks (released code).
WIDTHS = (128, 128, 256, 512)

#: Strides of the stem's first convolution and of the four blocks: of the released code, and of the paper's figure 2.
STRIDES = {"code": (2, (1, 2, 2, 2)), "figure": (1, (2, 2, 2, 2))}

#: What a branch gives: the last map `(clip 512 side side)`, and each stage's attention weights, None for none.
Seen = tuple[Tensor, list[Tensor | None]]


class Block(nn.Module):
    """A residual block, 3x3 then 1x1, whose output is weighted by attention."""

    def __init__(self, inside: int, outside: int, stride: int, kind: type[Attention]) -> None:
        super().__init__()
        self.body = nn.Sequential(
            convolution(inside, outside, 3, stride),
            nn.BatchNorm2d(outside),
            nn.ReLU(),
            convolution(outside, outside, 1),
            nn.BatchNorm2d(outside),
        )
        same = stride == 1 and inside == outside
        self.shortcut = (
            nn.Identity() if same else nn.Sequential(convolution(inside, outside, 1, stride), nn.BatchNorm2d(outside))
        )
        self.attention = kind(outside)

    def forward(self, features: Tensor, prior: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """Features `(clip channel y x)`, weighted, and the weights that the next block is handed."""
        features = torch.relu(self.body(features) + self.shortcut(features))
        weights = self.attention(features, prior)
        return (features if weights is None else features * weights), weights


class MainBranch(nn.Module):
    """MMNet's main branch (paper): from `(clip channel height width)` to `(clip 512 side side)`."""

    def __init__(self, parameters: MMNetParameters, channels: int) -> None:
        super().__init__()
        first, strides = STRIDES[parameters.strides]
        kind = attention.get(parameters.attention)
        self.stem = nn.Sequential(convolution(channels, 180, 3, first), nn.BatchNorm2d(180), nn.ReLU())
        self.widen = nn.Sequential(convolution(180, 128, 3), nn.BatchNorm2d(128), nn.ReLU())
        stages = zip((128, *WIDTHS), WIDTHS, strides, strict=False)
        self.blocks = nn.ModuleList(Block(inside, outside, stride, kind) for inside, outside, stride in stages)

    def initialise(self) -> None:
        """Kaiming's normal initialisation of all convolutions but the first (released code)."""
        for part in (self.widen, self.blocks):
            part.apply(kaiming)

    def forward(self, motion: Tensor) -> Seen:
        """The last map, and the weights of each block."""
        features, weights = self.widen(self.stem(motion)), None
        seen: list[Tensor | None] = []
        for block in self.blocks:
            features, weights = block(features, weights)
            seen.append(weights)
        return features, seen


def kaiming(module: nn.Module) -> None:
    """Initialise a convolution as the released code does."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
