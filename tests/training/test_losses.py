"""Losses, against torch, scikit-learn, and numbers worked by hand."""

import math

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch.nn import functional

from merbench.entries.recipe import Training
from merbench.errors import UsageError
from merbench.training.losses import focal, loss_for, margin

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


def test_margin_worked_by_hand() -> None:
    lengths = torch.tensor([[0.7, 0.3, 0.05], [0.5, 0.95, 0.2]])
    first = 0.2**2 + 0.5 * 0.2**2  # 0.7 falls 0.2 short; 0.3 is 0.2 too long, 0.05 short enough
    second = 0.7**2 + 0.5 * (0.4**2 + 0.85**2)  # the true class is the last
    truth = torch.tensor([0, 2])
    assert margin(lengths, truth).item() == pytest.approx((first + second) / 2, rel=1e-6)
    weighted = margin(lengths, truth, torch.tensor([1.0, 5.0, 3.0]))
    assert weighted.item() == pytest.approx((first + 3 * second) / 4, rel=1e-6)


def test_margin_asks_nothing_more_of_lengths_that_keep_the_margins() -> None:
    lengths = torch.tensor([[0.95, 0.1, 0.0], [0.02, 0.05, 0.9]], requires_grad=True)
    loss = margin(lengths, torch.tensor([0, 2]))
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-12)
    torch.testing.assert_close(lengths.grad, torch.zeros(2, 3))


def test_balanced_margin_has_scikit_learns_weights() -> None:
    lengths = torch.rand(4, 3, generator=torch.Generator().manual_seed(0))
    found = loss_for(Training(loss="margin", class_weights="balanced"), LABELS, 3, CPU)(lengths, TRUTH)
    torch.testing.assert_close(found, margin(lengths, TRUTH, balanced()))


def test_margin_of_several_trainings_at_once_is_that_of_each() -> None:
    lengths = torch.rand(5, 4, 3, generator=torch.Generator().manual_seed(0))
    truth = torch.stack([TRUTH.roll(turn) for turn in range(5)])
    weights = torch.rand(5, 3, generator=torch.Generator().manual_seed(1))
    apart = [margin(*each) for each in zip(lengths, truth, weights, strict=True)]
    torch.testing.assert_close(torch.func.vmap(margin)(lengths, truth, weights), torch.stack(apart))


@pytest.mark.parametrize("loss", ["focal", "margin"])
def test_other_losses_refuse_label_smoothing(loss: str) -> None:
    with pytest.raises(UsageError, match=rf"label_smoothing=0\.1 is not possible with loss={loss}"):
        Training(loss=loss, label_smoothing=0.1)


@pytest.mark.parametrize("loss", ["cross-entropy", "focal", "margin"])
@pytest.mark.parametrize("weights", ["none", "balanced"])
def test_losses_compute_in_the_type_of_the_logits(loss: str, weights: str) -> None:
    chosen = loss_for(Training(loss=loss, class_weights=weights), LABELS, 3, CPU)
    found = chosen(LOGITS.double(), TRUTH)
    assert found.dtype == torch.float64
    assert found.item() == pytest.approx(chosen(LOGITS, TRUTH).item(), rel=1e-5)
