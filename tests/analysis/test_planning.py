"""How many subjects and seeds a gap takes: against simulated tables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from merbench.analysis.planning import like_itself
from merbench.analysis.statistics import MethodRuns, PairVariance, pair_variances, subjects_needed, table_inference
from merbench.analysis.statistics.components import components
from merbench.analysis.statistics.pooled import accuracy

CLIPS, SEED_DEVIATION, SUBJECT_DEVIATION = 12, 0.03, 0.12


def pair(generator: np.random.Generator, subjects: int, seeds: int, gap: float) -> list[npt.NDArray[np.float64]]:
    """Counts of two methods, the first better by `gap`; subjects and seeds sampled anew."""
    means = np.array([0.6 + gap, 0.6])[:, None, None]
    rates = means + SEED_DEVIATION * generator.standard_normal((2, seeds, 1))
    rates = rates + SUBJECT_DEVIATION * generator.standard_normal((2, 1, subjects))
    hits = generator.binomial(CLIPS, rates.clip(0, 1))
    counts = np.zeros((2, seeds, subjects, 1, 2, 2))
    counts[..., 0, 0, 0], counts[..., 0, 0, 1] = hits, CLIPS - hits
    return list(counts)


def estimated(generator: np.random.Generator) -> PairVariance:
    """The mean of the variances that 40 pilot studies of 30 subjects and 10 seeds show."""
    pilots = [
        pair_variances(components(pair(generator, 30, 10, 0.0), [False, False], accuracy), [(0, 1)])[0]
        for _ in range(40)
    ]
    return PairVariance(
        subject=float(np.mean([each.subject for each in pilots])),
        residual=float(np.mean([each.residual for each in pilots])),
        seed=float(np.mean([each.seed for each in pilots])),
    )


@pytest.mark.parametrize("seeds", [3, 8])
def test_as_many_subjects_as_planned_find_the_gap_about_as_often_as_planned(seeds: int) -> None:
    generator = np.random.default_rng(seeds)
    variance = estimated(generator)
    gap = 0.11
    needed = subjects_needed(variance, gap, seeds)
    assert needed is not None
    found = []
    for _ in range(200):
        methods = [MethodRuns(name=n, counts=c) for n, c in zip("ab", pair(generator, needed, seeds, gap), strict=True)]
        found.append(table_inference(methods, "accuracy").pairs[0].significant)
    assert 0.7 <= np.mean(found) <= 0.92
    fewer = max(6, needed // 3)
    less = [
        table_inference(
            [MethodRuns(name=n, counts=c) for n, c in zip("ab", pair(generator, fewer, seeds, gap), strict=True)],
            "accuracy",
        ).pairs[0].significant
        for _ in range(100)
    ]  # fmt: skip
    assert np.mean(less) < 0.65


def test_power_and_corrections_cost_subjects() -> None:
    variance = PairVariance(subject=0.05, residual=0.05, seed=0.0005)
    plain = subjects_needed(variance, 0.1, 5)
    assert plain is not None
    assert (subjects_needed(variance, 0.1, 5, power=0.95) or 0) > plain
    assert (subjects_needed(variance, 0.1, 5, methods=10) or 0) > plain


def test_no_plan_has_fewer_subjects_than_a_p_takes() -> None:
    certain = PairVariance(subject=1e-9, residual=0.0, seed=0.0)
    assert subjects_needed(certain, 0.5, 3) == 6  # 2 / 2**6 < 0.05 < 2 / 2**5
    assert subjects_needed(certain, 0.5, 3, methods=5) == 9


def test_another_method_like_the_first_varies_twice_as_much_as_one() -> None:
    [one, _] = pair(np.random.default_rng(0), 20, 5, 0.0)
    parts = components([one], [False], accuracy)
    variance = like_itself(parts)
    both = components([one, one], [False, False], accuracy)
    independent = both.subject.copy()
    independent[0, 1] = independent[1, 0] = 0.0
    assert variance.seed == pytest.approx(pair_variances(both, [(0, 1)])[0].seed)
    assert variance.subject / 20 + variance.residual / 20 / 5 == pytest.approx(independent.sum())
