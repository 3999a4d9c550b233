"""The machine on features: its own decisions as probabilities, whatever classes a fold has."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.svm import SVC

from merbench.errors import UsageError
from merbench.training.bases.svm import SVMParameters, fitted


def clouds(labels: list[int], spread: float = 1.0, seed: int = 11) -> tuple[np.ndarray, np.ndarray]:
    """Overlapping clouds of 12 clips a label, `(clip 6)`, and the labels."""
    middles = np.random.default_rng(1).normal(size=(10, 6))
    every = np.repeat(labels, 12)
    return (middles[every] + np.random.default_rng(seed).normal(0, spread, (len(every), 6))).astype(
        np.float32
    ), every.astype(np.int64)


@pytest.mark.parametrize("kernel", ["linear", "poly", "rbf"])
@pytest.mark.parametrize("labels", [[0, 1], [0, 1, 2, 3, 4]])
def test_the_highest_probability_is_the_decision_of_the_machine(kernel: str, labels: list[int]) -> None:
    train, truth = clouds(labels)
    unseen, _ = clouds(labels, spread=2, seed=12)
    found = fitted(train, truth, len(labels), SVMParameters(kernel=kernel)).probabilities(unseen)
    decisions = SVC(kernel=kernel, break_ties=len(labels) > 2).fit(train.astype(float), truth).predict(unseen)
    np.testing.assert_array_equal(found.argmax(axis=1), decisions)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    assert (found.dtype, found.shape) == (np.float32, (len(unseen), len(labels)))


@pytest.mark.parametrize("labels", [[3], [1, 3], [0, 1, 3]])
def test_classes_without_training_clips_are_impossible_and_no_fault(labels: list[int]) -> None:
    train, truth = clouds(labels)
    found = fitted(train, truth, 5, SVMParameters()).probabilities(train)
    absent = [number for number in range(5) if number not in labels]
    assert not found[:, absent].any()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    assert (found.argmax(axis=1) == truth).mean() > 0.6


def test_scaling_is_that_of_the_training_clips() -> None:
    """One clip is judged alike whatever clips it is judged with, and however far features lie from 0."""
    train, truth = clouds([0, 1, 2])
    machine = fitted(train * 1000 + 5000, truth, 3, SVMParameters(scaling="standard"))
    unseen = (clouds([0, 1, 2], seed=12)[0] * 1000 + 5000).astype(np.float32)
    together = machine.probabilities(unseen)
    np.testing.assert_array_equal(together[:1], machine.probabilities(unseen[:1]))
    spread = train.std(axis=0, dtype=np.float64)
    scaled = (train - train.mean(axis=0)) / spread, ((unseen - 5000) / 1000 - train.mean(axis=0)) / spread
    np.testing.assert_allclose(
        fitted(scaled[0], truth, 3, SVMParameters()).probabilities(scaled[1]), together, atol=1e-2
    )


def test_a_value_that_never_changes_can_be_scaled() -> None:
    train, truth = clouds([0, 1])
    train[:, 2] = 7
    assert np.isfinite(fitted(train, truth, 2, SVMParameters(scaling="standard")).probabilities(train)).all()


def test_balanced_weights_favour_the_rare_class() -> None:
    train, truth = clouds([0, 1], spread=3)
    few = np.r_[0:12, 12:15]
    seen = [
        fitted(train[few], truth[few], 2, SVMParameters(class_weights=weights, cost=0.01))
        .probabilities(train)[:, 1]
        .mean()
        for weights in ("none", "balanced")
    ]
    assert seen[1] > seen[0]


def test_a_kernel_that_there_is_not_is_refused() -> None:
    with pytest.raises(UsageError, match="kernel=chi2 is not possible"):
        SVMParameters(kernel="chi2")
