"""The stems and the recurrent layers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

#: What the stem sees: u, v and strain.
CHANNELS = 3


def stem(maps: int) -> nn.Sequential:
    """A 5 x 5 convolution without padding: four pixels fewer in height and width."""
    return nn.Sequential(nn.Conv2d(CHANNELS, maps, 5), nn.BatchNorm2d(maps), nn.ReLU())


class WideStem(nn.Module):
    """Three 3 x 3 convolutions of stride three, dilated by 1, 2 and 3, with half, a quarter and a quarter of the maps.

    ReLU comes before batch normalisation here, unlike everywhere else (release).
    """

    def __init__(self, maps: int) -> None:
        super().__init__()
        shares = [maps - 2 * (maps // 4), maps // 4, maps // 4]
        self.branches = nn.ModuleList(
            nn.Conv2d(CHANNELS, share, 3, stride=3, padding=dilation, dilation=dilation)
            for dilation, share in enumerate(shares, 1)
        )
        self.norm = nn.BatchNorm2d(maps)

    def forward(self, flow: Tensor) -> Tensor:
        """Features `(clip maps height/3 width/3)`, rounded up, of `(clip 3 height width)`."""
        joined = torch.cat([branch(flow) for branch in self.branches], dim=1)
        features: Tensor = self.norm(torch.relu(joined))
        return features


class Recurrent(nn.Module):
    """A 1 x 1 convolution, then one 3 x 3 convolution applied twice to the input plus what came last."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.entry, self.again = _rectified(maps, maps, 1), _rectified(maps, maps, 3)

    def forward(self, features: Tensor) -> Tensor:
        """Features of the same shape `(clip maps height width)`."""
        state: Tensor = self.entry(features)
        for _ in range(2):
            state = self.again(features + state)
        return state


class Shortcut(nn.Module):
    """A 1 x 1 convolution, then one 3 x 3 convolution applied three times to the sum of input and all passes so far."""

    def __init__(self, maps: int, kernels: int) -> None:
        super().__init__()
        self.entry, self.again = _rectified(maps, maps, 1), _rectified(maps, maps, 3)
        self.last = _rectified(maps, maps, 3) if kernels == 2 else None

    def forward(self, features: Tensor) -> Tensor:
        """Features of the same shape `(clip maps height width)`."""
        total: Tensor = features + self.entry(features)
        for _ in range(2):
            total = total + self.again(total)
        out: Tensor = self.again(total) if self.last is None else self.last(total)
        return out


def _rectified(inside: int, outside: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inside, outside, kernel, padding=kernel // 2), nn.BatchNorm2d(outside), nn.ReLU())
