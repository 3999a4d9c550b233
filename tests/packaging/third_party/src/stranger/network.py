"""The network of the third party's method."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class Network(nn.Module):
    """One layer over the difference of two frames, averaged to eight by eight."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.head = nn.Linear(3 * 64, classes)

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        """Logits `(clip class)` of two frames, each `(clip 3 height width)`."""
        logits: Tensor = self.head(functional.adaptive_avg_pool2d(apex - onset, 8).flatten(1))
        return logits
