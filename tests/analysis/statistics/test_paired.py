"""Differences of two methods, against SciPy and by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import bootstrap

import merbench
from merbench.analysis.statistics import paired_difference
from merbench.analysis.statistics.per_clip import predictions_by_clip, subject_counts
from merbench.analysis.statistics.pooled import uf1
from merbench.errors import UsageError
from merbench.results.loading import record_of
from merbench.results.record import RunRecord

Make = Callable[..., RunRecord]


@pytest.fixture
def two(make: Make) -> tuple[RunRecord, RunRecord]:
    """Two methods on 12 subjects of 6 clips, the first clearly better."""
    generator = np.random.default_rng(6)
    truth = {f"{s:02}": generator.integers(0, 3, 6).tolist() for s in range(12)}

    def predicted(share: float) -> dict[str, list[int]]:
        return {
            s: [t if generator.random() < share else int(generator.integers(0, 3)) for t in labels]
            for s, labels in truth.items()
        }

    return make(truth, predicted(0.8), 3, name="one"), make(truth, predicted(0.2), 3, name="other")


def test_the_interval_is_that_of_scipy(two: tuple[RunRecord, RunRecord]) -> None:
    a, b = (subject_counts(predictions_by_clip([record], "last"))[0] for record in two)

    def statistic(chosen: np.ndarray) -> float:
        return float(uf1(a[chosen].sum(0)) - uf1(b[chosen].sum(0)))

    expected = bootstrap(
        (np.arange(12),),
        statistic,
        method="percentile",
        n_resamples=4000,
        vectorized=False,
        rng=np.random.default_rng(0),
    ).confidence_interval
    result = paired_difference([two[0]], [two[1]], draws=4000)
    assert result.difference == pytest.approx(statistic(np.arange(12)))
    assert (result.low, result.high) == pytest.approx((expected.low, expected.high), abs=0.015)
    assert result.p < 0.02
    assert result.subjects == 12


def test_the_other_way_round_turns_the_signs(two: tuple[RunRecord, RunRecord]) -> None:
    one, other = paired_difference([two[0]], [two[1]]), paired_difference([two[1]], [two[0]])
    assert one.p == other.p
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
    assert one.effect == pytest.approx(-(other.effect or 0))


def test_the_effect_is_cohens_d_for_accuracy_of_equally_many_clips(two: tuple[RunRecord, RunRecord]) -> None:
    by_subject = []
    for record in two:
        counts = subject_counts(predictions_by_clip([record], "last"))[0]
        by_subject.append(np.trace(counts, axis1=1, axis2=2) / counts.sum((1, 2)))
    gaps = by_subject[0] - by_subject[1]
    result = paired_difference([two[0]], [two[1]], metric="accuracy")
    assert result.effect == pytest.approx(gaps.mean() / gaps.std(ddof=1))


def test_where_nothing_differs_there_is_no_effect(two: tuple[RunRecord, RunRecord]) -> None:
    result = paired_difference([two[0]], [two[0]])
    assert (result.difference, result.p, result.effect) == (0.0, 1.0, None)


def test_of_one_subject_nothing_can_be_said(make: Make) -> None:
    truth = {"a": [0, 1, 1]}
    result = paired_difference([make(truth, truth)], [make(truth, {"a": [1, 0, 0]})])
    assert result.p == 1.0
    assert result.effect is None
    assert math.isnan(result.low)


def test_runs_and_their_records_give_the_same() -> None:
    settings = {"dataset.subjects": 3, "dataset.clips": 10}
    runs = [merbench.run(method, settings=settings) for method in ("random", "majority")]
    records = [record_of(run.method, run.record().as_dict()) for run in runs]
    assert paired_difference(runs[:1], runs[1:]) == paired_difference(records[:1], records[1:])


def test_a_rule_that_was_not_run_is_named(two: tuple[RunRecord, RunRecord]) -> None:
    with pytest.raises(UsageError, match=r"rule=inner was not run for one, which has last"):
        paired_difference([two[0]], [two[1]], rule="inner")
    with pytest.raises(UsageError, match=r"No runs were named"):
        paired_difference([], [two[1]])
