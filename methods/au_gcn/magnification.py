"""Magnification of motion by a factor that is drawn for every training clip."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from merbench.training.device.transfer import constant
from merbench.training.randomness import Dropout

#: The least and the largest factor in training, as shares of the factor in tests: 1.2 and 3.0 of 2.0 (release).
LEAST, MOST = 0.6, 1.5

#: Coin tosses a draw: a factor is one of two to the power of so many.
TOSSES = 16


class Magnification(nn.Module):
    """Linear magnification of the change from one picture to another, by `factor` in tests and near it in training."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor
        self.tosses = Dropout(0.5)  # the engine gives each fold's dropout a random stream of its own

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        """The apex `(clip 3 height width)` with its change since the onset magnified, within 0..1."""
        factor = self.drawn(onset) if self.training else self.factor
        magnified: Tensor = (onset + (1 + factor) * (apex - onset)).clamp(0, 1)
        return magnified

    def drawn(self, onset: Tensor) -> Tensor:
        """A factor a clip, `(clip 1 1 1)`, evenly from `LEAST` to `MOST` times that of tests."""
        heads = self.tosses(torch.ones_like(onset.flatten(1)[:, :TOSSES])) / 2
        worth = constant(tuple(0.5 ** (place + 1) for place in range(TOSSES)), onset.dtype, onset.device)
        share = (heads * worth).sum(1)
        drawn: Tensor = self.factor * (LEAST + (MOST - LEAST) * share)
        return drawn[:, None, None, None]
