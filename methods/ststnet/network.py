"""The network: three streams of one convolution each, joined, averaged and classified."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from merbench.training.randomness import Dropout

from .streams import pooled, possible

if TYPE_CHECKING:
    from . import STSTNetParameters

#: The filters of the three streams, as in the paper.
FILTERS = (3, 5, 8)


class Network(nn.Module):
    """STSTNet as a module: 1,683 trainable parameters for three classes at 28 x 28."""

    def __init__(self, parameters: STSTNetParameters, classes: int) -> None:
        super().__init__()
        self.streams = nn.ModuleList(_stream(filters, parameters.dropout) for filters in FILTERS)
        side = ((parameters.size + 1) // 3 + 1) // 2
        self.head = nn.Linear(sum(FILTERS) * side**2, classes)

    def forward(self, flow: Tensor) -> Tensor:
        """Logits `(clip class)` of strain, v and u `(clip 3 height width)`, 0..255."""
        if (maps := self._joined(flow)) is not None:
            return self._head_of_means(maps)
        joined = torch.cat([stream(flow) for stream in self.streams], dim=1)
        logits: Tensor = self.head(functional.avg_pool2d(joined, 2).flatten(1))
        return logits

    def _head_of_means(self, maps: Tensor) -> Tensor:
        """The logits of the joined maps: a mean of 2 x 2 values times a weight is each value times its quarter."""
        side = maps.shape[-1] // 2
        weight = self.head.weight.view(-1, maps.shape[1], side, 1, side, 1).expand(-1, -1, -1, 2, -1, 2) / 4
        seen = maps[..., : 2 * side, : 2 * side].flatten(1)
        return functional.linear(seen, weight.reshape(len(weight), -1), self.head.bias)

    def _joined(self, flow: Tensor) -> Tensor | None:
        """The joined maps of the streams, computed as one; None where only the layers themselves can compute them."""
        layers = list(zip(*(stream for stream in self.streams if isinstance(stream, nn.Sequential)), strict=True))
        convolutions, _, norms, _, dropouts = layers
        if not self.training or any(dropout.stack for dropout in dropouts) or not possible(flow, norms):
            return None
        maps = pooled(flow, convolutions, norms).split(FILTERS, dim=1)
        return torch.cat([dropout(own) for dropout, own in zip(dropouts, maps, strict=True)], dim=1)


def _stream(filters: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, filters, 3, padding=2),
        nn.ReLU(),
        nn.BatchNorm2d(filters),
        nn.MaxPool2d(3, padding=1),
        Dropout(dropout),
    )
