"""The optimiser of a recipe, and the learning rate of every step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from merbench.entries.recipe import Training
from merbench.training.fine_tuning import RateGroup


def optimiser_for(
    training: Training, parameters: Iterable[Tensor], device: torch.device, groups: Sequence[RateGroup] = ()
) -> torch.optim.Optimizer:
    """The optimiser of those of the parameters that are trained; `groups` are by place in the whole of `parameters`.

    Each optimiser works element by element, so folds whose parameters share a tensor are updated as each would be
    alone.
    """
    parameters = list(parameters)
    trained: Any = [parameter for parameter in parameters if parameter.requires_grad]
    if groups:
        trained = [
            {"params": [parameters[place] for place in each.places], "scale": each.scale, "head": each.head}
            for each in groups
        ]
    on_gpu, rate, decay = device.type == "cuda", training.learning_rate, training.weight_decay
    optimiser: torch.optim.Optimizer
    if training.optimiser == "sgd":
        fused = True if on_gpu else None
        optimiser = torch.optim.SGD(trained, lr=rate, momentum=training.momentum, weight_decay=decay, fused=fused)
    else:
        kind = torch.optim.AdamW if training.optimiser == "adamw" else torch.optim.Adam
        optimiser = kind(trained, lr=rate, weight_decay=decay, fused=True, capturable=on_gpu)
    if on_gpu:  # captured steps read the rate on the GPU, and others must give the same bits
        for group in optimiser.param_groups:
            group["lr"] = torch.full((), rate, device=device)
    return optimiser


def set_rate(optimiser: torch.optim.Optimizer, rate: float, *, head_alone: bool = False) -> None:
    """Set the learning rate of the next step, each group's times its scale; with `head_alone`, others have none."""
    for group in optimiser.param_groups:
        own = rate * group.get("scale", 1.0) * (0.0 if head_alone and not group.get("head", True) else 1.0)
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(own)
        else:
            group["lr"] = own


def learning_rates(training: Training, steps: int) -> npt.NDArray[np.float64]:
    """The learning rate `(epoch step)` for `steps` steps an epoch.

    Exponential: times `decay` after each of the first `decay_epochs` epochs, then constant (MMNet's released code).
    Step: times `decay` after every `decay_epochs` epochs.
    Cosine: to zero over all steps (Loshchilov & Hutter, ICLR 2017). Warm-up: a line from zero over the first epochs.
    """
    count = training.epochs * steps
    step = np.arange(count)
    epoch = step // steps
    rate = np.full(count, training.learning_rate)
    if training.schedule == "exponential":
        rate *= training.decay ** np.minimum(epoch, training.decay_epochs)
    if training.schedule == "step":
        rate *= training.decay ** (epoch // training.decay_epochs)
    warmup = training.warmup_epochs * steps
    if training.schedule == "cosine":
        done = np.clip((step - warmup) / max(count - warmup, 1), 0, 1)
        rate *= (1 + np.cos(np.pi * done)) / 2
    if warmup > 0:
        rate *= np.minimum((step + 1) / warmup, 1)
    return rate.reshape(training.epochs, steps)
