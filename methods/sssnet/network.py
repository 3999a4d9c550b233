"""The network: two unpadded convolutions, pooled, then a hidden layer and the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

from merbench.training.randomness import Dropout, Dropout2d

if TYPE_CHECKING:
    from . import SSSNetParameters


class Network(nn.Module):
    """SSSNet as a module: 1,349,251 trainable parameters for three classes at 64 x 64."""

    def __init__(self, parameters: SSSNetParameters, classes: int) -> None:
        super().__init__()
        self.softmax = parameters.softmax
        self.features = nn.Sequential(
            _block(3, 32, kernel=5, pool=3, dropout=parameters.dropout),
            _block(32, 64, kernel=3, pool=2, dropout=parameters.dropout),
        )
        side = ((parameters.size - 4) // 3 - 2) // 2
        self.head = nn.Sequential(
            nn.Linear(64 * side**2, parameters.hidden),
            nn.ReLU(),
            Dropout(parameters.dropout),
            nn.Linear(parameters.hidden, classes),
        )

    def forward(self, flow: Tensor) -> Tensor:
        """Logits `(clip class)` of u, v and strain `(clip 3 height width)`."""
        logits: Tensor = self.head(self.features(flow).flatten(1))
        return logits.softmax(1) if self.softmax else logits


def _block(inside: int, outside: int, *, kernel: int, pool: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, kernel), nn.ReLU(), nn.MaxPool2d(pool), nn.BatchNorm2d(outside), Dropout2d(dropout)
    )
