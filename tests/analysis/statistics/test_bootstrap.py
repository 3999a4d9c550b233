"""Intervals from whole subjects, against SciPy's bootstrap."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import bootstrap

from merbench.analysis.statistics import interval
from merbench.analysis.statistics.bootstrap import resampled, resamples
from merbench.analysis.statistics.per_clip import predictions_by_clip, subject_counts
from merbench.analysis.statistics.pooled import uf1
from merbench.results.record import RunRecord

Make = Callable[..., RunRecord]


@pytest.fixture
def seeds(make: Make) -> list[RunRecord]:
    """Two seeds on 20 subjects of 3 to 9 clips, about two thirds right."""
    generator = np.random.default_rng(4)
    truth = {f"{s:02}": generator.integers(0, 3, generator.integers(3, 10)).tolist() for s in range(20)}
    result = []
    for seed in range(2):
        predicted = {
            s: [t if generator.random() < 0.6 else int(generator.integers(0, 3)) for t in labels]
            for s, labels in truth.items()
        }
        result.append(make(truth, predicted, 3, seed, f"seed {seed}"))
    return result


def test_the_interval_is_that_of_scipy(seeds: list[RunRecord]) -> None:
    counts = subject_counts(predictions_by_clip(seeds, "last"))

    def statistic(chosen: np.ndarray) -> float:
        return float(uf1(counts[:, chosen].sum(1)).mean())

    expected = bootstrap(
        (np.arange(20),),
        statistic,
        method="percentile",
        n_resamples=4000,
        vectorized=False,
        rng=np.random.default_rng(0),
    ).confidence_interval
    result = interval(seeds, draws=4000)
    assert result.value == pytest.approx(statistic(np.arange(20)))
    assert result.low == pytest.approx(expected.low, abs=0.01)
    assert result.high == pytest.approx(expected.high, abs=0.01)


def test_a_draw_pools_the_clips_of_the_subjects_drawn(seeds: list[RunRecord]) -> None:
    counts = subject_counts(predictions_by_clip(seeds, "last"))
    times = np.zeros((1, 20))
    times[0, [3, 7]] = 1, 2
    assert (resampled(counts, times)[0] == counts[:, 3] + 2 * counts[:, 7]).all()


def test_a_draw_has_as_many_subjects_as_there_are() -> None:
    assert (resamples(7, 50, 0).sum(1) == 7).all()


def test_the_same_seed_gives_the_same_interval_for_any_order(seeds: list[RunRecord]) -> None:
    assert interval(seeds) == interval(seeds[::-1])
    assert interval(seeds) != interval(seeds, seed=1)


def test_clips_of_one_subject_stay_together(make: Make) -> None:
    # right on one subject and wrong on the other: drawing clips would hardly ever give 0 or 1
    truth = {"a": [0, 1] * 10, "b": [0, 1] * 10}
    result = interval([make(truth, {"a": [0, 1] * 10, "b": [1, 0] * 10})], metric="accuracy")
    assert (result.value, result.low, result.high) == (0.5, 0.0, 1.0)


def test_one_subject_has_no_interval(make: Make) -> None:
    result = interval([make({"a": [0, 1]}, {"a": [0, 0]})], metric="accuracy")
    assert result.value == 0.5
    assert math.isnan(result.low)
    assert math.isnan(result.high)
