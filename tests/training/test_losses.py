"""Losses, against torch, scikit-learn, and numbers worked by hand."""

import math

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch.nn import functional

from merbench.training.losses import focal, loss_for
from merbench.training.recipe import Training

CPU = torch.device("cpu")
LABELS = np.array([0] * 7 + [1] * 2 + [2])
LOGITS = torch.tensor([[1.0, -0.5, 0.2], [0.1, 0.3, -2.0], [0.0, 0.0, 0.0], [-1.0, 2.0, 0.5]])
TRUTH = torch.tensor([0, 1, 2, 0])


def balanced() -> torch.Tensor:
    return torch.tensor(compute_class_weight("balanced", classes=np.arange(3), y=LABELS), dtype=torch.float32)


def test_plain_cross_entropy_is_torchs() -> None:
    found = loss_for(Training(), LABELS, 3, CPU)(LOGITS, TRUTH)
    torch.testing.assert_close(found, functional.cross_entropy(LOGITS, TRUTH))


def test_label_smoothing_is_torchs() -> None:
    found = loss_for(Training(label_smoothing=0.1), LABELS, 3, CPU)(LOGITS, TRUTH)
    torch.testing.assert_close(found, functional.cross_entropy(LOGITS, TRUTH, label_smoothing=0.1))


def test_balanced_weights_are_scikit_learns() -> None:
    found = loss_for(Training(class_weights="balanced"), LABELS, 3, CPU)(LOGITS, TRUTH)
    torch.testing.assert_close(found, functional.cross_entropy(LOGITS, TRUTH, weight=balanced()))


def test_a_class_without_training_clips_has_no_part_in_the_weights() -> None:
    loss = loss_for(Training(class_weights="balanced"), np.array([0, 0, 0, 2]), 3, CPU)
    weight = torch.tensor([2 / 3, 1.0, 2.0])  # n / (classes present * count)
    truth = torch.tensor([0, 2, 2, 0])
    torch.testing.assert_close(loss(LOGITS, truth), functional.cross_entropy(LOGITS, truth, weight=weight))


@pytest.mark.parametrize("weights", ["none", "balanced"])
def test_focal_with_gamma_0_is_cross_entropy(weights: str) -> None:
    one = loss_for(Training(loss="focal", focal_gamma=0.0, class_weights=weights), LABELS, 3, CPU)
    two = loss_for(Training(class_weights=weights), LABELS, 3, CPU)
    torch.testing.assert_close(one(LOGITS, TRUTH), two(LOGITS, TRUTH))


def test_focal_worked_by_hand() -> None:
    # probabilities 3/4 and 1/4 of the true class
    logits = torch.log(torch.tensor([[0.75, 0.25], [0.75, 0.25]]))
    expected = -(0.25**2 * math.log(0.75) + 0.75**2 * math.log(0.25)) / 2
    assert focal(logits, torch.tensor([0, 1]), 2.0).item() == pytest.approx(expected, rel=1e-6)
    weighted = -(1 * 0.25**2 * math.log(0.75) + 3 * 0.75**2 * math.log(0.25)) / 4
    found = focal(logits, torch.tensor([0, 1]), 2.0, torch.tensor([1.0, 3.0]))
    assert found.item() == pytest.approx(weighted, rel=1e-6)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 10.0])
def test_focal_has_a_finite_gradient_where_the_network_is_certain(gamma: float) -> None:
    logits = torch.tensor([[200.0, 0.0], [0.0, 200.0], [0.1, 0.0]], requires_grad=True)
    focal(logits, torch.tensor([0, 0, 1]), gamma).backward()
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("loss", ["cross-entropy", "focal"])
@pytest.mark.parametrize("weights", ["none", "balanced"])
def test_losses_compute_in_the_type_of_the_logits(loss: str, weights: str) -> None:
    chosen = loss_for(Training(loss=loss, class_weights=weights), LABELS, 3, CPU)
    found = chosen(LOGITS.double(), TRUTH)
    assert found.dtype == torch.float64
    assert found.item() == pytest.approx(chosen(LOGITS, TRUTH).item(), rel=1e-5)
