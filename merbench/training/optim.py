"""The optimiser a recipe asks for."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from merbench.entries.recipe import Training


def optimiser_for(training: Training, weights: Iterable[Tensor], device: torch.device) -> torch.optim.Optimizer:
    """The optimiser of those of the weights that are trained.

    Every one of them works number by number, so weights of several folds in one tensor get what each would alone.
    """
    trained = [weight for weight in weights if weight.requires_grad]
    rate, decay = training.learning_rate, training.weight_decay
    if training.optimiser == "sgd":
        return torch.optim.SGD(trained, lr=rate, momentum=training.momentum, weight_decay=decay)
    kind = torch.optim.AdamW if training.optimiser == "adamw" else torch.optim.Adam
    return kind(trained, lr=rate, weight_decay=decay, fused=device.type in ("cuda", "cpu"))


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Let the next step be of that learning rate."""
    for group in optimiser.param_groups:
        group["lr"] = rate
