"""A shallow flow network, for measurements."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from merbench.training.randomness import Dropout


class StreamsNetwork(nn.Module):
    """Three 3x3 convolutions of 3, 5 and 8 filters in parallel (Liong et al., FG 2019, figure 2)."""

    def __init__(self, classes: int, dropout: type[nn.Module] = Dropout) -> None:
        super().__init__()
        self.streams = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(3, width, 3, padding=2),
                nn.ReLU(),
                nn.BatchNorm2d(width),
                nn.MaxPool2d(3, 3, padding=1),
                dropout(0.5),
            )
            for width in (3, 5, 8)
        )
        self.pool = nn.AvgPool2d(2)
        self.head = nn.Linear(16 * 5 * 5, classes)

    def forward(self, flow: Tensor) -> Tensor:
        """Logits `(clip class)` of flow and strain `(clip 3 28 28)`."""
        features = torch.cat([stream(flow) for stream in self.streams], 1)
        logits: Tensor = self.head(self.pool(features).flatten(1))
        return logits
