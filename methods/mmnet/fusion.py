"""Fusion: how position joins motion before the head. The paper adds them."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from .components import fusion

__all__ = ["Fusion", "fusion"]


class Fusion(nn.Module):
    """A component for maps of so many `channels`, called as ``part(motion, position)``.

    Both are `(clip channel y x)`, the position perhaps with one clip for all. It gives `(clip fused y x)`, where
    `fused` is `widening` times the channels.
    """

    widening: ClassVar[int] = 1

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels


@fusion.register("add")
class Add(Fusion):
    """The sum (paper)."""

    def forward(self, motion: Tensor, position: Tensor) -> Tensor:
        """`(clip channel y x)`."""
        return motion + position


@fusion.register("concat")
class Concat(Fusion):
    """One behind the other; the head sees twice the channels, and learns what belongs together."""

    widening = 2

    def forward(self, motion: Tensor, position: Tensor) -> Tensor:
        """`(clip fused y x)`, the motion first."""
        return torch.cat([motion, position.expand_as(motion)], dim=1)


@fusion.register("multiply")
class Multiply(Fusion):
    """The product: position weights the motion, with either sign."""

    def forward(self, motion: Tensor, position: Tensor) -> Tensor:
        """`(clip channel y x)`."""
        return motion * position


@fusion.register("gated")
class Gated(Fusion):
    """A learned share of each, by channel and place, as in gated units (Arevalo et al., ICLR workshop 2017)."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.gate = nn.Conv2d(2 * channels, channels, 1)

    def forward(self, motion: Tensor, position: Tensor) -> Tensor:
        """`(clip channel y x)`: between the two, everywhere."""
        position = position.expand_as(motion)
        share = torch.sigmoid(self.gate(torch.cat([motion, position], dim=1)))
        kind = torch.promote_types(position.dtype, motion.dtype)  # autocast may leave one of them in single precision
        return torch.lerp(position.to(kind), motion.to(kind), share.to(kind))
