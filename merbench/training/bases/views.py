"""Adapters between the views that the engine passes and an image network."""

from __future__ import annotations

from torch import Tensor, nn


class Difference(nn.Module):
    """An image network that sees the second picture less the first."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        """What the network says of the difference of two frames, each `(clip channel height width)`."""
        logits: Tensor = self.network(apex - onset)
        return logits
