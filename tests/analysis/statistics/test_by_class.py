"""Scores by class, against scikit-learn, and their intervals against the interval of UF1's parts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import precision_recall_fscore_support

from merbench.analysis.statistics import MethodRuns
from merbench.analysis.statistics.by_class import class_scores
from merbench.errors import UsageError


def runs(truth: np.ndarray, predicted: np.ndarray, classes: int, deterministic: bool = True) -> MethodRuns:
    """Labels `(subject clip)` and `(seed subject clip)` as counts."""
    counts = np.zeros((len(predicted), len(truth), 1, classes, classes))
    for seed, by_subject in enumerate(predicted):
        for subject, clips in enumerate(by_subject):
            np.add.at(counts[seed, subject, 0], (truth[subject], clips), 1)
    return MethodRuns(name="a", counts=counts, deterministic=deterministic)


def test_values_are_those_of_scikit_learn() -> None:
    generator = np.random.default_rng(4)
    truth, predicted = generator.integers(0, 3, (12, 6)), generator.integers(0, 3, (1, 12, 6))
    rows = class_scores(runs(truth, predicted, 3), ["a", "b", "c"])
    _, recall, f1, support = precision_recall_fscore_support(truth.ravel(), predicted.ravel(), labels=range(3))
    assert [row.f1.value for row in rows] == pytest.approx(f1)
    assert [row.recall.value for row in rows] == pytest.approx(recall)
    assert [row.clips for row in rows] == support.tolist()


def test_recall_of_equally_many_clips_is_a_t_interval() -> None:
    generator = np.random.default_rng(5)
    truth = np.tile([0, 0, 0, 0, 1, 1], (15, 1))
    predicted = np.where(generator.random((1, 15, 6)) < 0.7, truth, 1 - truth)
    row = class_scores(runs(truth, predicted, 2), ["a", "b"])[0]
    by_subject = (predicted[0, :, :4] == 0).mean(1)
    expected = stats.ttest_1samp(by_subject, 0).confidence_interval(0.95)
    assert (row.recall.low, row.recall.high) == pytest.approx((expected.low, expected.high))
    assert row.subjects == 15


def test_a_class_without_clips_has_no_recall() -> None:
    truth = np.zeros((4, 3), dtype=int)
    row = class_scores(runs(truth, truth[None], 2), ["a", "b"])[1]
    assert math.isnan(row.recall.value)
    assert (row.clips, row.subjects, row.f1.value) == (0, 0, 0.0)


def test_one_subject_has_no_interval() -> None:
    truth = np.array([[0, 1, 1]])
    row = class_scores(runs(truth, truth[None], 2), ["a", "b"])[0]
    assert row.f1.value == 1.0
    assert math.isnan(row.f1.low)


def test_names_must_match() -> None:
    with pytest.raises(UsageError, match="1 class names for counts of 2"):
        class_scores(runs(np.zeros((2, 2), dtype=int), np.zeros((1, 2, 2), dtype=int), 2), ["a"])
