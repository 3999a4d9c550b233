"""The network: three levels over four by four patches, each level's maps half the size of those before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from einops import rearrange
from torch import Tensor, nn

from .regions import fixed_regions, regions

if TYPE_CHECKING:
    from . import HTNetParameters

#: Pixels a side of a patch, heads of the three levels, and how much wider the hidden layers are (paper).
PATCH = 7
HEADS = (3, 6, 12)
WIDENING = 4
#: Layers of the first two levels (paper).
DEPTH = 2


class Network(nn.Module):
    """HTNet; each block of a level is one patch, so that `LoneAttention` is all there is of attention."""

    def __init__(self, parameters: HTNetParameters, classes: int) -> None:
        super().__init__()
        widths = [parameters.width * 2**level for level in range(len(HEADS))]
        self.embed = nn.Conv2d(3, widths[0], PATCH, PATCH)
        levels: list[nn.Module] = []
        for level, (width, heads) in enumerate(zip(widths, HEADS, strict=True)):
            if level:
                levels.append(aggregate(widths[level - 1], width))
            levels.append(Level(width, heads, DEPTH if level < len(HEADS) - 1 else parameters.depth))
        self.levels = nn.Sequential(*levels)
        self.head = nn.Sequential(nn.LayerNorm(widths[-1]), nn.Linear(widths[-1], classes))

    def forward(self, flow: Tensor, landmarks: Tensor | None = None) -> Tensor:
        """Logits `(clip class)` of strain, v and u `(clip 3 28 28)` and landmarks `(clip 1 68 xy)` in its pixels.

        Without landmarks the regions are at their fixed places.
        """
        return self.classified(fixed_regions(flow) if landmarks is None else regions(flow, landmarks[:, 0]))

    def classified(self, picture: Tensor) -> Tensor:
        """Logits `(clip class)` of the four regions laid out to a picture `(clip 3 28 28)`."""
        features = self.levels(self.embed(picture))
        logits: Tensor = self.head(features.mean((2, 3)))
        return logits


class ChannelNorm(nn.Module):
    """Layer normalisation over the channels of a map."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)

    def forward(self, features: Tensor) -> Tensor:
        """`(clip width y x)`."""
        normed: Tensor = self.norm(rearrange(features, "clip width y x -> clip y x width"))
        return rearrange(normed, "clip y x width -> clip width y x")


class LoneAttention(nn.Module):
    """Attention of one token to itself: the softmax over one score is 1, so what comes out is its value, projected.

    The queries and keys of the release have no effect and no gradient; they are left out, and the card counts them.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        inner = width // heads * heads
        self.norm = ChannelNorm(width)
        self.value = nn.Conv2d(width, inner, 1, bias=False)
        self.out = nn.Conv2d(inner, width, 1)

    def forward(self, features: Tensor) -> Tensor:
        """`(clip width y x)`."""
        seen: Tensor = self.out(self.value(self.norm(features)))
        return seen


class Level(nn.Module):
    """Layers of lone attention and of two 1x1 convolutions, after a learned number for the one place in a block."""

    def __init__(self, width: int, heads: int, depth: int) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.randn(1, 1, 1, 1))
        self.attention = nn.ModuleList(LoneAttention(width, heads) for _ in range(depth))
        self.forth = nn.ModuleList(hidden(width) for _ in range(depth))

    def forward(self, features: Tensor) -> Tensor:
        """`(clip width y x)`."""
        features = features + self.place
        for attention, forth in zip(self.attention, self.forth, strict=True):
            features = features + attention(features)
            features = features + forth(features)
        return features


def hidden(width: int) -> nn.Sequential:
    """The layers that every patch goes through by itself."""
    return nn.Sequential(
        ChannelNorm(width), nn.Conv2d(width, WIDENING * width, 1), nn.GELU(), nn.Conv2d(WIDENING * width, width, 1)
    )


def aggregate(inside: int, outside: int) -> nn.Sequential:
    """From one level to the next: patches see their neighbours, and four become one."""
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, padding=1), ChannelNorm(outside), nn.MaxPool2d(3, stride=2, padding=1)
    )
