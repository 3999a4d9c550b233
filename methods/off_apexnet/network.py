"""The network: a stream a flow component, joined, then two hidden layers and the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from . import OFFApexNetParameters


class Network(nn.Module):
    """OFF-ApexNet as a module: 2,664,475 trainable parameters for three classes at 28 x 28."""

    def __init__(self, parameters: OFFApexNetParameters, classes: int) -> None:
        super().__init__()
        self.horizontal, self.vertical = _stream(), _stream()
        joined, hidden = 2 * 16 * (parameters.size // 4) ** 2, parameters.hidden
        self.head = nn.Sequential(
            nn.Linear(joined, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, classes)
        )

    def forward(self, flow: Tensor) -> Tensor:
        """Logits `(clip class)` of u and v `(clip 2 height width)`."""
        streams = self.horizontal(flow[:, :1]), self.vertical(flow[:, 1:])
        logits: Tensor = self.head(torch.cat([stream.flatten(1) for stream in streams], dim=1))
        return logits


def _stream() -> nn.Sequential:
    # padded, since the description joins two maps of 16 x 7 x 7
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
    )
