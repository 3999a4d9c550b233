"""Losses of multi-label tasks, and networks trained by them, one fold at a time and several at once."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from merbench.entries.recipe import Training
from merbench.errors import UsageError
from merbench.inputs import Frames, Inputs
from merbench.inputs.prepared import PreparedFrames, PreparedInputs
from merbench.method import NetworkMethod, TrainInfo
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fit import FoldJob, fit_folds
from merbench.training.losses import loss_for
from merbench.training.numerics import choose
from merbench.training.unit_losses import focal_units, require_multi_label

CPU = torch.device("cpu")
LABELS = np.array([[1, 0, 0], [1, 1, 0], [1, 0, 0], [0, 0, 0]])
LOGITS = torch.tensor([[0.3, -2.0, 4.0], [-1.0, 0.5, 0.0]], dtype=torch.float64)
TRUTH = torch.tensor([[1, 0, 0], [0, 1, 1]])


def test_it_is_binary_cross_entropy() -> None:
    found = loss_for(Training(), LABELS, 3, CPU, "multi-label")(LOGITS, TRUTH)
    probabilities = torch.sigmoid(LOGITS)
    expected = -(TRUTH * probabilities.log() + (1 - TRUTH) * (1 - probabilities).log()).mean()
    assert found == pytest.approx(expected.item())


def test_balanced_weights_are_absences_over_presences_of_training_clips() -> None:
    found = loss_for(Training(class_weights="balanced"), LABELS, 3, CPU, "multi-label")(LOGITS, TRUTH)
    weights = torch.tensor([1 / 3, 3.0, 1.0], dtype=torch.float64)  # the third is never present
    expected = functional.binary_cross_entropy_with_logits(LOGITS, TRUTH.double(), pos_weight=weights)
    assert found == pytest.approx(expected.item(), rel=1e-6)


@pytest.mark.parametrize("weights", ["none", "balanced"])
def test_focal_without_focus_is_binary_cross_entropy(weights: str) -> None:
    focal = loss_for(Training(loss="focal", focal_gamma=0.0, class_weights=weights), LABELS, 3, CPU, "multi-label")
    plain = loss_for(Training(class_weights=weights), LABELS, 3, CPU, "multi-label")
    assert focal(LOGITS, TRUTH) == pytest.approx(plain(LOGITS, TRUTH).item(), rel=1e-6)


def test_focus_is_that_of_the_paper() -> None:
    found = focal_units(LOGITS, TRUTH.double(), 2.0)
    probability = torch.where(TRUTH == 1, torch.sigmoid(LOGITS), 1 - torch.sigmoid(LOGITS))
    assert torch.allclose(found, -((1 - probability) ** 2) * probability.log())


def test_the_margin_loss_is_that_of_capsules_unit_by_unit() -> None:
    training = Training(loss="margin", margin_present=0.9, margin_absent=0.1)
    loss = loss_for(training, LABELS, 3, CPU, "multi-label")(LOGITS, TRUTH)
    lengths = torch.sigmoid(LOGITS)
    short, long = (0.9 - lengths).clamp_min(0) ** 2, (lengths - 0.1).clamp_min(0) ** 2
    assert loss == pytest.approx((TRUTH * short + 0.5 * (1 - TRUTH) * long).mean().item())


def test_smoothing_moves_truth_towards_one_half() -> None:
    found = loss_for(Training(label_smoothing=0.2), LABELS, 3, CPU, "multi-label")(LOGITS, TRUTH)
    expected = functional.binary_cross_entropy_with_logits(LOGITS, TRUTH * 0.8 + 0.1)
    assert found == pytest.approx(expected.item())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sampling": "balanced"}, "sampling=balanced does not serve.*--set sampling=plain"),
        ({"order": "by-class"}, "order=by-class does not serve.*--set order=shuffled"),
    ],
)
def test_settings_that_need_one_class_are_refused(changed: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=f"mine: {said}"):
        require_multi_label(Training(**changed), "mine")  # type: ignore[arg-type]


class Plain(nn.Module):
    def __init__(self, units: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 16), nn.ReLU(), nn.Linear(16, units))

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        return self.layers(apex - onset)


class Made(NetworkMethod):
    name, title, family = "made", "Made for a test", "image network"

    def inputs(self) -> Inputs:
        return Inputs(frames=Frames(at=("onset", "apex"), size=(8, 8)))

    def network(self, train: TrainInfo) -> nn.Module:
        return Plain(len(train.classes))


def prepared(clips: int, truth: np.ndarray) -> PreparedInputs:
    """Frames whose apex is brighter in a quarter of the image for each unit."""
    images = np.full((clips, 2, 1, 3, 8, 8), 100, dtype=np.uint8)
    for unit, (row, column) in enumerate([(0, 0), (0, 4), (4, 0)]):
        images[truth[:, unit] == 1, 1, :, :, row : row + 4, column : column + 4] = 180
    frames = PreparedFrames(
        declaration=Frames(at=("onset", "apex"), size=(8, 8)),
        images=images,
        counts=np.ones((clips, 2), dtype=np.int64),
        annotated=np.zeros((clips, 2), dtype=np.int64),
    )
    return PreparedInputs(count=clips, frames=frames)


@pytest.mark.parametrize("weights", ["none", "balanced"])
@pytest.mark.parametrize("last_batch", ["wrapped", "short"])
def test_several_folds_at_once_learn_what_each_does_alone(weights: str, last_batch: str) -> None:
    truth = np.random.default_rng(0).integers(0, 2, (30, 3))
    inputs = prepared(30, truth)
    training = Training(
        epochs=40, batch=8, learning_rate=1e-2, optimiser="adam", class_weights=weights, last_batch=last_batch
    )
    jobs = [
        FoldJob(
            name=f"fold {fold}",
            train=np.flatnonzero(np.arange(30) % 3 != fold),
            held_out=np.flatnonzero(np.arange(30) % 3 == fold),
            info=TrainInfo(
                classes=("AU1", "AU2", "AU4"),
                labels=truth[np.arange(30) % 3 != fold],
                subjects=("s",) * 20,
                action_units=((),) * 20,
                kind="multi-label",
            ),
        )
        for fold in range(3)
    ]
    numerics = choose("cpu", "float64", threads=1)
    results = []
    for folds, parallelism in ((1, numerics.parallelism), (3, "vmapped")):
        chosen = dataclasses.replace(numerics, parallel_folds=folds, parallelism=parallelism)
        trained = fit_folds(Made(), training, jobs, DeviceInputs(inputs, chosen), seed=0, numerics=chosen)
        results.append([fold.probabilities for fold in trained])
        assert [fold.parallel_folds for fold in trained] == [folds] * 3
    for job, alone, together in zip(jobs, *results, strict=True):
        assert np.allclose(alone, together, atol=1e-6)
        assert ((alone[-1] > 0.5) == truth[job.held_out]).mean() > 0.9
