"""Variances and t intervals, against SciPy's t tests and the two-way analysis of variance by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from merbench.analysis.statistics.components import components, pseudo_values
from merbench.analysis.statistics.pooled import accuracy, uf1
from merbench.analysis.statistics.student import PRIOR_DF, differences, scores

SUBJECTS, CLIPS = 12, 8
FIRST, SECOND = np.array([0]), np.array([1])


def of_hits(hits: np.ndarray) -> np.ndarray:
    """Counts of so many hits `(seed subject)` of `CLIPS` clips, all of the first of two classes."""
    counts = np.zeros((*hits.shape, 1, 2, 2))
    counts[..., 0, 0, 0], counts[..., 0, 0, 1] = hits, CLIPS - hits
    return counts


@pytest.fixture
def hits() -> np.ndarray:
    """Hits `(method seed subject)` of two methods of 4 seeds: subjects, seeds and both together differ."""
    generator = np.random.default_rng(3)
    rate = 0.55 + 0.2 * generator.standard_normal(SUBJECTS) + 0.2 * generator.standard_normal((2, 4, 1))
    return generator.binomial(CLIPS, rate.clip(0.05, 0.95)).astype(float)


def test_one_deterministic_method_is_the_t_interval_of_its_subjects(hits: np.ndarray) -> None:
    parts = components([of_hits(hits[0, :1])], [True], accuracy)
    result = scores(parts)
    expected = stats.ttest_1samp(hits[0, 0] / CLIPS, 0).confidence_interval(0.95)
    half = result.half_width(0.95)
    assert (result.value - half, result.value + half) == (
        pytest.approx([expected.low]),
        pytest.approx([expected.high]),
    )


def test_two_deterministic_methods_are_the_paired_t_test(hits: np.ndarray) -> None:
    parts = components([of_hits(hits[0, :1]), of_hits(hits[1, :1])], [True, True], accuracy)
    result = differences(parts, FIRST, SECOND)
    expected = stats.ttest_rel(hits[0, 0], hits[1, 0])
    assert result.p() == pytest.approx([expected.pvalue])
    interval = expected.confidence_interval(0.95)
    assert result.value + result.half_width(0.95) == pytest.approx([interval.high / CLIPS])


def test_seeds_and_subjects_are_the_two_way_analysis_of_variance(hits: np.ndarray) -> None:
    rates = hits[0] / CLIPS
    seeds = len(rates)
    by_seed, by_subject = rates.mean(1), rates.mean(0)
    mean_seed = SUBJECTS * by_seed.var(ddof=1)
    mean_subject = seeds * by_subject.var(ddof=1)
    rest = rates - by_seed[:, None] - by_subject + rates.mean()
    mean_rest = (rest**2).sum() / ((seeds - 1) * (SUBJECTS - 1))
    assert mean_seed > mean_rest  # else the variance would be that of fixed networks
    expected = (mean_subject + mean_seed - mean_rest) / (seeds * SUBJECTS)
    result = scores(components([of_hits(hits[0])], [False], accuracy))
    assert result.error**2 == pytest.approx([expected])
    shared = (mean_subject - mean_rest) / (seeds * SUBJECTS)
    seed = mean_seed / (seeds * SUBJECTS)
    df = (shared + seed) ** 2 / (shared**2 / (SUBJECTS - 1) + seed**2 / (seeds - 1))
    assert result.df == pytest.approx([df])


def test_seeds_that_agree_more_than_chance_leave_the_variance_of_fixed_networks(hits: np.ndarray) -> None:
    same = np.repeat(hits[0, :1], 3, axis=0)
    one = scores(components([of_hits(same)], [False], accuracy))
    other = scores(components([of_hits(same[:1])], [True], accuracy))
    assert (one.error, one.df) == (pytest.approx(other.error), pytest.approx(other.df))


def test_methods_of_three_seeds_share_their_variance_over_seeds(hits: np.ndarray) -> None:
    three = hits[:, :3]
    parts = components([of_hits(method) for method in three], [False, False], accuracy)
    result = differences(parts, FIRST, SECOND)
    seed = parts.seed.mean()  # two methods of equal seeds: whatever the prior's weight, their sum is twice the mean
    shared = parts.subject[0, 0] + parts.subject[1, 1] - 2 * parts.subject[0, 1] - parts.residual.sum() / 3
    assert result.error**2 == pytest.approx([max(shared, 0.0) + 2 * seed / 3])
    uneven = parts.subset([0])
    assert differences(uneven, FIRST, FIRST).error ** 2 == pytest.approx([2 * parts.seed[0] / 3])
    assert PRIOR_DF > 0


def test_no_degrees_of_freedom_are_above_those_of_the_mean_variance_over_subjects() -> None:
    """By the formula of Satterthwaite with all terms written out, for three methods of five seeds."""
    generator = np.random.default_rng(8)
    rates = np.array([0.05, 0.2, 0.3])[:, None, None] * generator.standard_normal((3, 1, SUBJECTS))
    rates = (
        0.5 + rates + 0.05 * generator.standard_normal((3, 5, SUBJECTS)) + 0.1 * generator.standard_normal((3, 5, 1))
    )
    counts = np.zeros((*rates.shape, 1, 2, 2))
    counts[..., 0, 0, 0], counts[..., 0, 0, 1] = rates, 1 - rates
    result = differences(components(list(counts), [False] * 3, accuracy), np.array([0, 0, 1]), np.array([1, 2, 2]))
    by_seed, mean = rates.mean(2).var(axis=1, ddof=1), rates.mean(1)
    moderated = (4 * by_seed + PRIOR_DF * by_seed.mean()) / (4 + PRIOR_DF)
    rest = [(rates[m] - rates[m].mean(0) - rates[m].mean(1)[:, None] + rates[m].mean()) ** 2 for m in range(3)]
    residual = [each.sum() / (4 * (SUBJECTS - 1)) / SUBJECTS for each in rest]
    pairs = [(0, 1), (0, 2), (1, 2)]
    shared = [max(0.0, (mean[a] - mean[b]).var(ddof=1) / SUBJECTS - (residual[a] + residual[b]) / 5) for a, b in pairs]
    seed = [(moderated[a] + moderated[b]) / 5 for a, b in pairs]
    own, lent = 4 / (4 + PRIOR_DF), PRIOR_DF / (4 + PRIOR_DF) / 3
    for number, (a, b) in enumerate(pairs):
        weights = np.array([(own + 2 * lent if method in (a, b) else 2 * lent) / 5 for method in range(3)])
        doubt = max(((weights * moderated) ** 2).sum() / 4, ((moderated[[a, b]] / 5) ** 2).sum() / (4 + PRIOR_DF))
        df = min(
            (value + seed[number]) ** 2 / (value**2 / (SUBJECTS - 1) + doubt)
            for value in (shared[number], np.mean(shared))
        )
        assert result.error[number] ** 2 == pytest.approx(shared[number] + seed[number])
        assert result.df[number] == pytest.approx(df)


def test_pseudo_values_leave_one_subject_out() -> None:
    counts = np.random.default_rng(1).integers(0, 5, (2, 6, 1, 3, 3)).astype(float)
    whole = uf1(counts.sum(1))
    expected = [
        [6 * whole[seed, 0] - 5 * uf1(np.delete(counts[seed], subject, axis=0).sum(0))[0] for subject in range(6)]
        for seed in range(2)
    ]
    assert pseudo_values(counts, uf1) == pytest.approx(np.array(expected))


def test_a_subject_of_most_clips_costs_degrees_of_freedom() -> None:
    counts = np.ones((1, 10, 1, 2, 2))
    assert components([counts], [True], accuracy).effective_subjects == pytest.approx(10)
    counts[0, 0] = 30
    assert components([counts], [True], accuracy).effective_subjects == pytest.approx(39**2 / (900 + 9))
