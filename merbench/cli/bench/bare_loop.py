"""A plain PyTorch training loop, as one writes it by hand for tensors in memory: the engine must not be slower."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional


class BareLoop:
    """A training of one network on tensors `(clip ...)` with labels `(clip)`: contiguous tensors, fused Adam.

    Nothing of it is the engine's. `autocast` runs the forward pass in bfloat16.
    """

    def __init__(
        self, network: nn.Module, features: Tensor, labels: Tensor, *, rate: float, batch: int, autocast: bool = False
    ) -> None:
        self.device = features.device
        self.network = network.to(self.device, features.dtype)
        self.features, self.labels, self.batch, self.bfloat16 = features.contiguous(), labels, batch, autocast
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=rate, fused=True)
        self.generator = np.random.default_rng(0)

    def epoch(self) -> None:
        """Train for an epoch of whole batches, in random order."""
        self.network.train()
        clips, size = len(self.labels), min(self.batch, len(self.labels))
        order = np.resize(self.generator.permutation(clips), (-(-clips // size), size))
        for positions in torch.from_numpy(order).to(self.device):
            self.optimiser.zero_grad()
            with self._autocast():
                logits = self.network(self.features[positions])
            functional.cross_entropy(logits.to(self.features.dtype), self.labels[positions]).backward()
            self.optimiser.step()

    @torch.no_grad()
    def evaluate(self, features: Tensor) -> Tensor:
        """Probabilities `(clip class)` of held-out clips."""
        with self._autocast():
            return torch.softmax(self.network.eval()(features).to(self.features.dtype), 1)

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bfloat16)
