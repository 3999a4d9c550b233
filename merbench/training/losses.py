"""The loss that a recipe names."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from merbench.entries.recipe import Training
from merbench.kind_names import MULTI_NAME, SINGLE_NAME, KindName
from merbench.training.margins import margins
from merbench.training.unit_losses import unit_losses, unit_weights

Loss = Callable[[Tensor, Tensor], Tensor]


def loss_for(
    training: Training,
    labels: npt.NDArray[np.int64],
    classes: int,
    device: torch.device,
    kind: KindName = SINGLE_NAME,
) -> Loss:
    """The loss of logits `(clip class)` and their truth; weights come from the labels of the training clips only."""
    weights = weights_for(training, labels, classes, device, kind)
    return lambda logits, truth: loss(training, logits, truth, weights, kind)


def weights_for(
    training: Training,
    labels: npt.NDArray[np.int64],
    classes: int,
    device: torch.device,
    kind: KindName = SINGLE_NAME,
) -> Tensor | None:
    """The weight `(class)` of each class, or of the presence of each unit; None where a recipe weights none."""
    if kind == MULTI_NAME:
        return unit_weights(training, labels, device)
    return class_weights(training, labels, classes, device)


def loss(
    training: Training, logits: Tensor, truth: Tensor, weights: Tensor | None, kind: KindName = SINGLE_NAME
) -> Tensor:
    """The loss that a recipe names, of logits `(clip class)`, truth and weights `(class)`."""
    if kind == MULTI_NAME:
        return unit_losses(training, logits, truth, weights).mean()
    if training.loss == "focal":
        return focal(logits, truth, training.focal_gamma, weights)
    if training.loss == "margin":
        return margin(logits, truth, weights, training.margin_present, training.margin_absent)
    weights = None if weights is None else weights.to(logits.dtype)
    return functional.cross_entropy(logits, truth, weight=weights, label_smoothing=training.label_smoothing)


def cross_entropies(training: Training, logits: Tensor, truth: Tensor) -> Tensor:
    """The cross-entropy `(fold)` of each fold's logits `(fold clip class)` and labels `(fold clip)`, unweighted."""
    each = functional.cross_entropy(
        logits.flatten(0, 1), truth.flatten(), reduction="none", label_smoothing=training.label_smoothing
    )
    by_fold: Tensor = each.unflatten(0, truth.shape)
    return by_fold.mean(1)


def focal(logits: Tensor, truth: Tensor, gamma: float, weights: Tensor | None = None) -> Tensor:
    """The focal loss (Lin et al., ICCV 2017, eq. 4-5), averaged as weighted cross-entropy is.

    `logits` are `(clip class)`, `truth` `(clip)`; with gamma 0 it is cross-entropy.
    """
    log_probability = functional.log_softmax(logits, dim=1).gather(1, truth[:, None])[:, 0]
    weight = torch.ones_like(log_probability) if weights is None else weights.to(logits.dtype)[truth]
    focus = (1 - log_probability.exp()).clamp_min(0) ** gamma
    return -(weight * focus * log_probability).sum() / weight.sum()


def margin(
    lengths: Tensor, truth: Tensor, weights: Tensor | None = None, present: float = 0.9, absent: float = 0.1
) -> Tensor:
    """The margin loss (Sabour, Frosst, Hinton, NIPS 2017, eq. 4), summed over classes, averaged over clips.

    `lengths` are those of class capsules, `(clip class)` in 0..1, `truth` is `(clip)`. A clip's whole loss weighs what
    its true class weighs, and weights average as in weighted cross-entropy.
    """
    true = truth[:, None] == torch.arange(lengths.shape[1], device=lengths.device)
    clips = margins(lengths, true, present, absent).sum(1)
    if weights is None:
        return clips.mean()
    weight = weights.to(lengths.dtype)[truth]
    return (weight * clips).sum() / weight.sum()


def class_weights(
    training: Training, labels: npt.NDArray[np.int64], classes: int, device: torch.device
) -> Tensor | None:
    """The weight of each class `(class)`, float32; None where a recipe weights none."""
    if training.class_weights == "none":
        return None
    counts = np.bincount(labels, minlength=classes)
    present = counts > 0
    # King & Zeng 2001, as scikit-learn's "balanced"; a class without training clips never meets its weight
    weights = np.where(present, len(labels) / (present.sum() * np.maximum(counts, 1)), 1.0)
    return torch.as_tensor(weights, dtype=torch.float32, device=device)
