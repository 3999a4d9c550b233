"""Calibration: by hand, for a calibrated and for an overconfident method, and with bad input."""

from __future__ import annotations

import numpy as np
import pytest

from merbench.analysis.statistics.calibration import calibration
from merbench.errors import UsageError


def test_worked_by_hand() -> None:
    probabilities = np.array([[0.6, 0.4], [0.6, 0.4], [0.1, 0.9], [0.1, 0.9]])
    result = calibration(probabilities, np.array([0, 1, 1, 1]), bins=2)
    assert [(one.clips, one.accuracy) for one in result.bins] == [(2, 0.5), (2, 1.0)]
    assert [one.confidence for one in result.bins] == pytest.approx([0.6, 0.9])
    assert result.error == pytest.approx((2 * 0.1 + 2 * 0.1) / 4)


def test_a_calibrated_method_errs_little_and_an_overconfident_one_much() -> None:
    generator = np.random.default_rng(2)
    right = generator.uniform(0.5, 1, 20_000)
    truth = (generator.random(20_000) > right).astype(np.int64)
    assert calibration(np.stack([right, 1 - right], 1), truth).error < 0.02
    certain = np.tile([0.99, 0.01], (20_000, 1))
    assert calibration(certain, truth).error == pytest.approx(0.24, abs=0.01)


def test_the_bias_of_few_clips_is_as_documented() -> None:
    generator = np.random.default_rng(3)
    errors = []
    for _ in range(200):
        right = generator.uniform(0.4, 1, 246)
        truth = (generator.random(246) > right).astype(np.int64)
        errors.append(calibration(np.stack([right, (1 - right) / 2, (1 - right) / 2], 1), truth).error)
    assert 0.05 < np.mean(errors) < 0.08


@pytest.mark.parametrize(
    ("probabilities", "truth", "bins", "message"),
    [
        (np.zeros((0, 2)), np.zeros(0, dtype=np.int64), 10, "at least one"),
        (np.ones((2, 2)), np.zeros(3, dtype=np.int64), 10, "one row a clip"),
        (np.array([[2.0, -1.0]]), np.zeros(1, dtype=np.int64), 10, r"within 0\.\.1"),
        (np.array([[np.nan, 1.0]]), np.zeros(1, dtype=np.int64), 10, r"within 0\.\.1"),
        (np.array([[0.5, 0.5]]), np.zeros(1, dtype=np.int64), 0, "bins=0"),
    ],
)
def test_bad_input_is_refused(probabilities: np.ndarray, truth: np.ndarray, bins: int, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        calibration(probabilities, truth, bins)
