"""Losses for multi-label tasks: binary cross-entropy or focal loss of each unit, weighted or not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from merbench.entries.recipe import Training
from merbench.errors import UsageError
from merbench.training.margins import margins

#: Training settings: the values that serve multi-label tasks, the one to set instead of others, and why.
_ONE_CLASS = (
    ("sampling", ("plain",), "plain", "it draws or repeats clips by their one class"),
    ("order", ("shuffled",), "shuffled", "it sorts clips by their one class"),
)


def require_multi_label(training: Training, method: str) -> None:
    """Refuse a recipe whose settings need one class a clip.

    Raises:
        UsageError: naming the setting, and the value that serves multi-label tasks.
    """
    for name, value in training.values().items():
        if reason := unserved(name, value):
            instead = next(instead for setting, _, instead, _ in _ONE_CLASS if setting == name)
            raise UsageError(f"{method}: {reason}; add --set {name}={instead}.")


def unserved(name: str, value: object) -> str:
    """Why a setting's value does not serve multi-label tasks, as a phrase; empty if it does.

    >>> unserved("sampling", "balanced")
    'sampling=balanced does not serve multi-label tasks: it draws or repeats clips by their one class'
    """
    for setting, served, _, why in _ONE_CLASS:
        if name == setting and value not in served:
            return f"{name}={value} does not serve multi-label tasks: {why}"
    return ""


def unit_losses(training: Training, logits: Tensor, truth: Tensor, weights: Tensor | None) -> Tensor:
    """The loss `(... unit)` of each clip and unit, from logits and truth `(... unit)` and weights of presence `(unit)`.

    It is binary cross-entropy, with labels smoothed towards one half, or the focal loss (Lin et al., ICCV 2017, eq. 4),
    whose present units are weighted as in cross-entropy, or the margin loss of sigmoids. Weights are not
    normalised, like torch's `pos_weight`.
    """
    wanted = truth.to(logits.dtype)
    weights = None if weights is None else weights.to(logits.dtype)
    if training.loss == "focal":
        return focal_units(logits, wanted, training.focal_gamma, weights)
    if training.loss == "margin":
        lengths = torch.sigmoid(logits)
        return margins(lengths, wanted > 0, training.margin_present, training.margin_absent, weights)
    smoothed = wanted * (1 - training.label_smoothing) + training.label_smoothing / 2
    return functional.binary_cross_entropy_with_logits(logits, smoothed, pos_weight=weights, reduction="none")


def focal_units(logits: Tensor, wanted: Tensor, gamma: float, weights: Tensor | None = None) -> Tensor:
    """The focal loss of each clip and unit; with gamma 0 it is binary cross-entropy."""
    log_probability = functional.logsigmoid(torch.where(wanted > 0, logits, -logits))
    focus = (1 - log_probability.exp()).clamp_min(0) ** gamma
    weight = 1.0 if weights is None else torch.where(wanted > 0, weights, torch.ones_like(weights))
    return -(weight * focus * log_probability)


def unit_weights(training: Training, labels: npt.NDArray[np.int64], device: torch.device) -> Tensor | None:
    """The weight `(unit)` of the presence of each unit, float32: its absences over its presences in training.

    None if the recipe has no class weights. The weight of a unit without training clips has no effect.
    """
    if training.class_weights == "none":
        return None
    present = labels.sum(axis=0)
    weights = np.where(present > 0, (len(labels) - present) / np.maximum(present, 1), 1.0)
    return torch.as_tensor(weights, dtype=torch.float32, device=device)
