"""Attention: how each block weights its features. The paper's map over the face is handed on from block to block."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .components import attention

__all__ = ["Attention", "attention"]


def convolution(inside: int, outside: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    """A convolution without bias that keeps the size but for its stride."""
    return nn.Conv2d(inside, outside, kernel, stride, padding=kernel // 2, bias=False)


class Attention(nn.Module):
    """A component for features of so many `channels`, called as ``part(features, prior)``.

    `features` are `(clip channel y x)`; `prior` is what the part of the block before gave, None in the first. It
    gives weights in 0..1 that features are multiplied by, `(clip 1 y x)` or `(clip channel 1 1)`; None for none.
    The features themselves are weighted by the block, so that every part's weights can be looked at.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels


class Spatial(Attention):
    """A map over the face from the channels' mean and maximum (CBAM: Woo et al., ECCV 2018, section 3.2)."""

    kernel = 1

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.mix = nn.Sequential(convolution(2, 1, self.kernel), nn.BatchNorm2d(1), nn.Sigmoid())

    def forward(self, features: Tensor, prior: Tensor | None) -> Tensor:
        """The map `(clip 1 y x)`; what came before does not count."""
        summary = torch.cat([features.mean(1, keepdim=True), features.amax(1, keepdim=True)], dim=1)
        weights: Tensor = self.mix(summary)
        return weights


@attention.register("continuous")
class ContinuousAttention(Spatial):
    """Continuous attention (CA, paper): CBAM's map with a 1x1 kernel, times the map of the block before."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.shrink = nn.MaxPool2d(3, stride=2, padding=1)

    def forward(self, features: Tensor, prior: Tensor | None) -> Tensor:
        """The map `(clip 1 y x)`; `prior` is twice as high and wide, or of any size in a timm backbone."""
        weights = super().forward(features, prior)
        if prior is None:
            return weights
        shrunk: Tensor = self.shrink(prior)
        if shrunk.shape[-2:] != weights.shape[-2:]:
            shrunk = functional.adaptive_max_pool2d(prior, weights.shape[-2:])
        return weights * shrunk


@attention.register("spatial-1x1")
class Spatial1x1(Spatial):
    """The paper's map without the map of the block before: what continuity adds is the difference to this."""


@attention.register("spatial-7x7")
class Spatial7x7(Spatial):
    """CBAM's spatial attention with its own kernel; timm's `SpatialAttn` gives the same numbers."""

    kernel = 7


@attention.register("squeeze-excitation")
class SqueezeExcitation(Attention):
    """A weight a channel, none over the face (Hu et al., CVPR 2018); timm's `SEModule` gives the same numbers."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        narrow = max(channels // 16, 1)  # the paper's reduction
        self.squeeze = nn.AdaptiveAvgPool2d(1)
        self.excite = nn.Sequential(
            nn.Conv2d(channels, narrow, 1), nn.ReLU(), nn.Conv2d(narrow, channels, 1), nn.Sigmoid()
        )

    def forward(self, features: Tensor, prior: Tensor | None) -> Tensor:
        """The weights `(clip channel 1 1)`."""
        weights: Tensor = self.excite(self.squeeze(features))
        return weights


@attention.register("none")
class NoAttention(Attention):
    """Features as they are."""

    def forward(self, features: Tensor, prior: Tensor | None) -> None:
        """None: nothing is weighted, nothing handed on."""
