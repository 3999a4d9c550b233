"""Variants against one: corrected p and simultaneous intervals, beside paired t tests of SciPy."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from merbench.analysis.statistics import MethodRuns, against_first, table_inference
from merbench.errors import UsageError


def of_hits(name: str, hits: npt.NDArray[np.int64], clips: int, **said: bool) -> MethodRuns:
    """A method with so many of `clips` right, by seed and subject."""
    counts = np.zeros((*hits.shape, 1, 2, 2))
    counts[..., 0, 0, 0], counts[..., 0, 0, 1] = hits, clips - hits
    return MethodRuns(name=name, counts=counts, **said)


def deterministic(seed: int, methods: int, subjects: int = 20) -> list[MethodRuns]:
    hits = np.random.default_rng(seed).integers(3, 10, (methods, 1, subjects))
    return [of_hits(f"variant {place}", each, 10, deterministic=True) for place, each in enumerate(hits)]


def test_it_is_the_paired_t_test_where_subjects_weigh_alike_and_nothing_is_random() -> None:
    methods = deterministic(3, 5)
    rates = [method.counts[0, :, 0, 0, 0] / 10 for method in methods]
    single = [stats.ttest_rel(rate, rates[0]) for rate in rates[1:]]
    inference = against_first(methods, metric="accuracy")
    assert [pair.p for pair in inference.pairs] == pytest.approx([test.pvalue for test in single])
    for pair, test in zip(inference.pairs, single, strict=True):
        interval = test.confidence_interval(1 - 0.05 / 4)
        assert (pair.low, pair.high) == pytest.approx((interval.low, interval.high))
    ordered = sorted(test.pvalue for test in single)
    stepped = np.minimum(1, np.maximum.accumulate([p * (4 - step) for step, p in enumerate(ordered)]))
    assert sorted(pair.p_corrected or 0.0 for pair in inference.pairs) == pytest.approx(stepped.tolist())
    assert [(pair.first, pair.second) for pair in inference.pairs] == [
        (f"variant {n}", "variant 0") for n in range(1, 5)
    ]


def test_fewer_comparisons_are_corrected_less_than_all_pairs() -> None:
    methods = deterministic(5, 4)
    first = {pair.first: pair for pair in against_first(methods, "accuracy").pairs}
    every = {pair.second: pair for pair in table_inference(methods, "accuracy").pairs if pair.first == "variant 0"}
    for name, pair in first.items():
        assert pair.p == pytest.approx(every[name].p)
        assert pair.p_corrected is not None
        assert pair.p_corrected <= (every[name].p_corrected or 0.0)


def test_without_seeds_there_is_an_interval_and_no_p() -> None:
    hits = np.random.default_rng(0).integers(3, 10, (3, 3, 20))
    methods = [of_hits("own", hits[0], 10), of_hits("one", hits[1][:1], 10), of_hits("three", hits[2], 10)]
    inference = against_first(methods, "accuracy")
    assert inference.missing == {"one": "2 more seeds to be ranked"}
    assert [pair.p_corrected is None for pair in inference.pairs] == [True, False]
    assert not math.isnan(inference.pairs[0].low)
    nothing = against_first([methods[1], methods[0]], "accuracy")
    assert nothing.pairs[0].p_corrected is None
    assert math.isnan(nothing.gap)


def test_what_cannot_be_shown_with_so_few_subjects_is_said() -> None:
    inference = against_first(deterministic(1, 12, subjects=8), "accuracy")
    assert inference.limits == (
        "With 8 subjects no p is below 0.00781 (2 / 2^8), and 11 comparisons need 9 subjects: no difference can be "
        "significant."
    )
    assert not any(pair.significant for pair in inference.pairs)
    one = against_first(deterministic(1, 2, subjects=1), "accuracy")
    assert math.isnan(one.pairs[0].low)
    assert "One subject" in one.limits


def test_equal_variants_seldom_differ_and_their_intervals_hold_at_once() -> None:
    generator = np.random.default_rng(7)
    false = missed = 0
    for _ in range(200):
        rates = 0.6 + 0.05 * generator.standard_normal((5, 3, 1)) + 0.1 * generator.standard_normal((1, 1, 20))
        hits = generator.binomial(12, rates.clip(0, 1))
        methods = [of_hits(f"variant {place}", each, 12) for place, each in enumerate(hits)]
        inference = against_first(methods, "accuracy")
        false += any(pair.significant for pair in inference.pairs)
        missed += any(not pair.low <= 0 <= pair.high for pair in inference.pairs)
    assert missed <= false <= 20  # 10 are expected at most
    # the stepwise p can only find more than the intervals, which exclude 0 exactly where its first step does


def test_one_method_or_other_subjects_are_refused() -> None:
    with pytest.raises(UsageError, match="nothing to be compared to"):
        against_first(deterministic(0, 1))
    with pytest.raises(UsageError, match="cannot share a table"):
        against_first([*deterministic(0, 1), *deterministic(0, 1, subjects=7)])
