"""Thresholds of units: the best of all that could be, and what they are of clips that leave no choice."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from merbench.selection import Inner, inner_epoch, inner_thresholds, oracle_epoch
from merbench.task_kinds.thresholds import best_thresholds


def f1(truth: np.ndarray, values: np.ndarray, threshold: float) -> float:
    return float(f1_score(truth, values > threshold, zero_division=0))


@pytest.mark.parametrize("seed", range(5))
def test_no_threshold_gives_a_higher_f1(seed: int) -> None:
    generator = np.random.default_rng(seed)
    truth = (generator.random((17, 3)) < 0.3).astype(np.int64)
    values = np.round(generator.random((2, 17, 3)), generator.integers(1, 4)).astype(np.float32)
    chosen = best_thresholds(values, truth)
    assert chosen.shape == (2, 3)
    for epoch in range(2):
        for unit in range(3):
            own, column = truth[:, unit], values[epoch, :, unit]
            limits = [*np.unique(column), column.min() / 2]  # every set of clips that a threshold can predict
            every = [f1(own, column, limit) for limit in limits]
            assert f1(own, column, chosen[epoch, unit]) == pytest.approx(max(every))
            assert 0 <= chosen[epoch, unit] <= 1


def test_the_nearest_to_a_half_is_taken_of_equally_good_ones() -> None:
    truth = np.array([[0], [0], [1], [1]])
    apart = np.array([[[0.1], [0.3], [0.8], [0.9]]], dtype=np.float32)
    assert best_thresholds(apart, truth).tolist() == [[0.5]]
    low = np.array([[[0.1], [0.2], [0.3], [0.4]]], dtype=np.float32)
    assert best_thresholds(low, truth).tolist() == [[pytest.approx(0.25)]]


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_clips_that_leave_no_choice_give_a_half(value: float) -> None:
    same = np.full((1, 4, 1), value, dtype=np.float32)
    assert best_thresholds(same, np.zeros((4, 1), dtype=np.int64)).tolist() == [[0.5]]
    one = best_thresholds(same, np.ones((4, 1), dtype=np.int64))
    assert one.tolist() == [[0.25 if value == 0.5 else 0.5]]


def test_epochs_are_judged_by_the_thresholds_of_each() -> None:
    truth = np.array([[0], [1], [1]])
    probabilities = np.array([[[0.6], [0.4], [0.9]], [[0.1], [0.2], [0.3]]], dtype=np.float32)
    inner = Inner(probabilities=probabilities, truth=truth, kind="multi-label")
    thresholds = inner_thresholds(inner)
    assert (inner_epoch(inner), inner_epoch(inner, thresholds=thresholds)) == (0, 1)
    assert oracle_epoch(probabilities, truth, "multi-label") == 0
    assert oracle_epoch(probabilities, truth, "multi-label", thresholds) == 1


def test_several_splits_share_their_thresholds() -> None:
    one = Inner(probabilities=np.float32([[[0.1], [0.3]]]), truth=np.array([[0], [1]]), kind="multi-label")
    two = Inner(probabilities=np.float32([[[0.25], [0.4]]]), truth=np.array([[0], [1]]), kind="multi-label")
    assert inner_thresholds(one).tolist() == [[pytest.approx(0.2)]]
    assert inner_thresholds(one, two).tolist() == [[pytest.approx(0.275)]]
