"""The network: two Inception blocks a flow component, joined, then a hidden layer and the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from . import DualInceptionParameters

#: Filters a path, in the first and the second block.
FILTERS = (6, 16)


class Network(nn.Module):
    """Dual-Inception as a module: 6,449,867 trainable parameters for three classes at 28 x 28."""

    def __init__(self, parameters: DualInceptionParameters, classes: int) -> None:
        super().__init__()
        self.horizontal, self.vertical = _stream(), _stream()
        joined = 2 * Inception.PATHS * FILTERS[1] * (parameters.size // 4) ** 2
        self.head = nn.Sequential(
            nn.Linear(joined, parameters.hidden), nn.ReLU(), nn.Linear(parameters.hidden, classes)
        )

    def forward(self, flow: Tensor) -> Tensor:
        """Logits `(clip class)` of u and v `(clip 2 height width)`."""
        streams = self.horizontal(flow[:, :1]), self.vertical(flow[:, 1:])
        logits: Tensor = self.head(torch.cat([stream.flatten(1) for stream in streams], dim=1))
        return logits


class Inception(nn.Module):
    """Four paths of equal width side by side: 5 x 5, 3 x 3, pooled, and 1 x 1 (Szegedy et al., CVPR 2015)."""

    PATHS = 4

    def __init__(self, inside: int, filters: int) -> None:
        super().__init__()
        self.paths = nn.ModuleList(
            (
                nn.Sequential(_conv(inside, filters, 1), _conv(filters, filters, 5)),
                nn.Sequential(_conv(inside, filters, 1), _conv(filters, filters, 3)),
                nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), _conv(inside, filters, 1)),
                _conv(inside, filters, 1),
            )
        )

    def forward(self, features: Tensor) -> Tensor:
        """The joined paths `(clip 4*filters height width)` of features `(clip inside height width)`."""
        return torch.cat([path(features) for path in self.paths], dim=1)


def _stream() -> nn.Sequential:
    first, second = FILTERS
    blocks = Inception(1, first), Inception(Inception.PATHS * first, second)
    return nn.Sequential(blocks[0], nn.MaxPool2d(2), blocks[1], nn.MaxPool2d(2))


def _conv(inside: int, outside: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inside, outside, kernel, padding=kernel // 2), nn.ReLU())
