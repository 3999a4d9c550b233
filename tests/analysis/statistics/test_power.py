"""The smallest gap, and the subjects or seeds it takes, against the noncentral t distribution."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from merbench.analysis.statistics import PairVariance, pair_variances, seeds_needed, subjects_needed
from merbench.analysis.statistics.components import components
from merbench.analysis.statistics.pooled import accuracy
from merbench.analysis.statistics.power import detectable_gap
from merbench.analysis.statistics.student import Estimates, differences, seed_freedom
from merbench.errors import UsageError


@pytest.mark.parametrize("df", [8.0, 25.0, 67.0])
def test_the_gap_is_seen_in_four_of_five(df: float) -> None:
    estimates = Estimates(value=np.zeros(1), error=np.array([0.05]), df=np.array([df]))
    gap = detectable_gap(estimates)
    critical = stats.t.isf(0.025, df)
    assert stats.nct.sf(critical, df, gap / 0.05) == pytest.approx(0.8, abs=0.02)
    assert detectable_gap(estimates, comparisons=190) > gap


def test_without_pairs_there_is_no_gap() -> None:
    nothing = np.zeros(0)
    assert np.isnan(detectable_gap(Estimates(value=nothing, error=nothing, df=nothing)))


def test_the_number_of_subjects_is_the_least_that_suffices() -> None:
    variance = PairVariance(subject=0.1, residual=0.05, seed=0.001)
    least = subjects_needed(variance, 0.1, seeds=5)
    assert least is not None
    assert variance.gap(least, 5) <= 0.1 < variance.gap(least - 1, 5)


def test_the_number_of_seeds_is_the_least_that_suffices() -> None:
    variance = PairVariance(subject=0.05, residual=0.05, seed=0.004)
    least = seeds_needed(variance, 0.15, subjects=26)
    assert least is not None
    assert variance.gap(26, least) <= 0.15 < variance.gap(26, least - 1)


def test_what_no_number_can_show() -> None:
    seeds_only = PairVariance(subject=0.0, residual=0.0, seed=0.02)
    assert subjects_needed(seeds_only, 0.05, seeds=3) is None
    subjects_only = PairVariance(subject=0.2, residual=0.0, seed=0.0)
    assert seeds_needed(subjects_only, 0.05, subjects=26) is None


def test_negative_variances_are_refused() -> None:
    with pytest.raises(UsageError, match="at least 0"):
        PairVariance(subject=-1.0, residual=0.0, seed=0.0)


def counts_of(rates: np.ndarray) -> np.ndarray:
    """Counts whose accuracy by seed and subject is `rates` `(method seed subject)`, one clip a subject."""
    counts = np.zeros((*rates.shape, 1, 2, 2))
    counts[..., 0, 0, 0], counts[..., 0, 0, 1] = rates, 1 - rates
    return counts


def sampled(
    generator: np.random.Generator, methods: int, seeds: int, subjects: int, variance: PairVariance
) -> np.ndarray:
    """Rates of equal methods whose differences have this variance."""
    parts = [
        np.sqrt(variance.subject / 2) * generator.standard_normal((methods, 1, subjects)),
        np.sqrt(variance.residual / 2) * generator.standard_normal((methods, seeds, subjects)),
        np.sqrt(variance.seed / 2) * generator.standard_normal((methods, seeds, 1)),
    ]
    return 0.5 + parts[0] + parts[1] + parts[2]


def pairs_of(methods: int) -> tuple[np.ndarray, np.ndarray]:
    return np.triu_indices(methods, 1)


@pytest.mark.parametrize(("methods", "fixed"), [(2, 0), (4, 0), (4, 1), (2, 1)])
@pytest.mark.parametrize("seeds", [3, 6])
def test_the_plan_for_the_same_subjects_and_seeds_is_the_gap_of_the_comparison(
    methods: int, fixed: int, seeds: int
) -> None:
    variance = PairVariance(subject=0.02, residual=0.02, seed=0.01)
    rates = sampled(np.random.default_rng(methods), methods, seeds, 20, variance)
    deterministic = [place < fixed for place in range(methods)]
    counts = [counts_of(each[:1] if same else each) for each, same in zip(rates, deterministic, strict=True)]
    parts = components(counts, deterministic, accuracy)
    parts.seed[fixed:] = parts.seed[fixed:].mean()  # the plan takes the seeds of all methods to vary alike
    first, second = pairs_of(methods)
    compared = differences(parts, first, second)
    planned = pair_variances(parts, list(zip(first.tolist(), second.tolist(), strict=True)))
    for number, pair in enumerate(planned):
        one = Estimates(**{name: getattr(compared, name)[[number]] for name in ("value", "error", "df")})
        expected = detectable_gap(one, comparisons=len(first))
        if pair.trained == 2 and fixed:  # the plan counts on all methods of the table, of which one has no seeds here
            assert pair.gap(20, seeds, methods) == pytest.approx(expected, rel=0.1)
        else:
            assert pair.gap(20, seeds, methods) == pytest.approx(expected)


@pytest.mark.parametrize("methods", [2, 3, 20])
def test_seeds_alone_have_the_degrees_of_freedom_of_the_comparison(methods: int) -> None:
    steps = np.linspace(-0.1, 0.1, 4)[None, :, None] * np.ones((methods, 1, 8))
    parts = components(list(counts_of(0.5 + steps)), [False] * methods, accuracy)
    assert differences(parts, *pairs_of(methods)).df == pytest.approx(seed_freedom(4, 2, methods))


@pytest.mark.parametrize(
    ("subjects", "seeds", "methods", "seed_variance"), [(20, 3, 2, 0.001), (26, 5, 5, 0.005), (16, 10, 10, 0.002)]
)
def test_the_planned_gap_is_detected_as_often_as_planned(
    subjects: int, seeds: int, methods: int, seed_variance: float
) -> None:
    variance, draws = PairVariance(subject=0.02, residual=0.01, seed=seed_variance), 400
    gap, generator, (first, second) = (
        variance.gap(subjects, seeds, methods),
        np.random.default_rng(7),
        pairs_of(methods),
    )
    detected = 0
    for _ in range(draws):
        rates = sampled(generator, methods, seeds, subjects, variance)
        rates[0] += gap
        parts = components(list(counts_of(rates)), [False] * methods, accuracy)
        detected += bool(differences(parts, first, second).p()[0] <= 0.05 / len(first))
    error = np.sqrt(0.8 * 0.2 / draws)
    assert detected / draws == pytest.approx(0.8, abs=3 * error)


def test_deterministic_methods_need_the_subjects_of_the_paired_t_test() -> None:
    variance, gap = PairVariance(subject=0.04, residual=0.0, seed=0.0, trained=0), 0.08

    def power(subjects: int) -> float:
        return float(stats.nct.sf(stats.t.isf(0.025, subjects - 1), subjects - 1, gap / np.sqrt(0.04 / subjects)))

    exact = next(subjects for subjects in range(3, 500) if power(subjects) >= 0.8)
    assert abs((subjects_needed(variance, gap, 1) or 0) - exact) <= 1
