"""A bare loop, as one would write it by hand for tensors that lie ready: what the engine may not be slower than."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional


class Bare:
    """A plain training of one network on tensors `(clip ...)` with labels `(clip)`."""

    def __init__(self, network: nn.Module, features: Tensor, labels: Tensor, rate: float, batch: int) -> None:
        self.network, self.features, self.labels, self.batch = network, features, labels, batch
        self.optimiser = torch.optim.Adam(network.parameters(), lr=rate)
        self.draws = np.random.default_rng(0)

    def epoch(self) -> None:
        """Train for an epoch of whole batches, in a drawn order."""
        self.network.train()
        clips, size = len(self.labels), min(self.batch, len(self.labels))
        order = np.resize(self.draws.permutation(clips), (-(-clips // size), size))
        for positions in torch.from_numpy(order).to(self.features.device):
            self.optimiser.zero_grad()
            logits = self.network(self.features[positions])
            functional.cross_entropy(logits, self.labels[positions]).backward()
            self.optimiser.step()

    @torch.no_grad()
    def watch(self, features: Tensor) -> Tensor:
        """Probabilities `(clip class)` of clips that are held out."""
        return torch.softmax(self.network.eval()(features), 1)
