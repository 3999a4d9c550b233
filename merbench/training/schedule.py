"""The learning rate of every step."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from merbench.entries.recipe import Training


def learning_rates(training: Training, steps: int) -> npt.NDArray[np.float64]:
    """The learning rate `(epoch step)` for `steps` steps an epoch.

    Exponential: times `decay` after each of the first `decay_epochs` epochs, then constant (MMNet's released code).
    Cosine: to zero over all steps (Loshchilov & Hutter, ICLR 2017). Warm-up: a line from zero over the first epochs.
    """
    count = training.epochs * steps
    step = np.arange(count)
    epoch = step // steps
    rate = np.full(count, training.learning_rate)
    if training.schedule == "exponential":
        rate *= training.decay ** np.minimum(epoch, training.decay_epochs)
    warmup = training.warmup_epochs * steps
    if training.schedule == "cosine":
        done = np.clip((step - warmup) / max(count - warmup, 1), 0, 1)
        rate *= (1 + np.cos(np.pi * done)) / 2
    if warmup > 0:
        rate *= np.minimum((step + 1) / warmup, 1)
    return rate.reshape(training.epochs, steps)
