"""Continuous attention (CA): a spatial attention map that each block hands on to the next as a prior."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def convolution(inside: int, outside: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    """A convolution without bias that keeps the size but for its stride."""
    return nn.Conv2d(inside, outside, kernel, stride, padding=kernel // 2, bias=False)


class ContinuousAttention(nn.Module):
    """A map over the face from the channels' mean and maximum, times the map of the block before."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Sequential(convolution(2, 1, 1), nn.BatchNorm2d(1), nn.Sigmoid())
        self.shrink = nn.MaxPool2d(3, stride=2, padding=1)

    def forward(self, features: Tensor, prior: Tensor | None) -> Tensor:
        """The map `(clip 1 y x)` in 0..1 of features `(clip channel y x)`; `prior` is twice as high and wide."""
        summary = torch.cat([features.mean(1, keepdim=True), features.amax(1, keepdim=True)], dim=1)
        attention: Tensor = self.mix(summary)
        return attention if prior is None else attention * self.shrink(prior)


class Block(nn.Module):
    """A residual block, 3x3 then 1x1, whose output is weighted by continuous attention."""

    def __init__(self, inside: int, outside: int, stride: int) -> None:
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
        self.attention = ContinuousAttention()

    def forward(self, features: Tensor, prior: Tensor | None) -> tuple[Tensor, Tensor]:
        """Features `(clip channel y x)` and the map `(clip 1 y x)` that weighted them."""
        features = torch.relu(self.body(features) + self.shortcut(features))
        attention = self.attention(features, prior)
        return features * attention, attention
