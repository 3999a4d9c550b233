"""The network: three streams of one convolution each, joined, averaged and classified."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from merbench.training.randomness import Dropout

from .parameters import STSTNetParameters

#: The filters of the three streams, as in the paper.
FILTERS = (3, 5, 8)


class Network(nn.Module):
    """STSTNet as a module: 1,683 trained numbers for three classes at 28 x 28."""

    def __init__(self, parameters: STSTNetParameters, classes: int) -> None:
        super().__init__()
        self.streams = nn.ModuleList(_stream(filters, parameters.dropout) for filters in FILTERS)
        side = (parameters.size + 2) // 3 // 2
        self.head = nn.Linear(sum(FILTERS) * side**2, classes)

    def forward(self, flow: Tensor) -> Tensor:
        """Logits `(clip class)` of u, v and strain `(clip 3 height width)`."""
        joined = torch.cat([stream(flow) for stream in self.streams], dim=1)
        logits: Tensor = self.head(functional.avg_pool2d(joined, 2).flatten(1))
        return logits


def _stream(filters: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, filters, 3, padding=2),  # the release's padding: 28 pixels become 30, a multiple of three
        nn.ReLU(),
        nn.BatchNorm2d(filters),
        nn.MaxPool2d(3),
        Dropout(dropout),
    )
