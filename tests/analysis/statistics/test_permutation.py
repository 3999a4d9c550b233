"""The permutation test over subjects: by hand, against every pattern tried by brute force, and against chance."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import permutation_test

from merbench.analysis.statistics import swap_test
from merbench.analysis.statistics.pooled import accuracy, uf1
from merbench.errors import UsageError


def counts(hits: list[int], clips: int) -> np.ndarray:
    """One seed; of each subject so many of its clips right, all of one class of two."""
    result = np.zeros((1, len(hits), 2, 2))
    result[0, :, 0, 0] = hits
    result[0, :, 0, 1] = clips - np.array(hits)
    return result


def test_worked_by_hand() -> None:
    # gaps of 3, 1 and -1 clips of 12: their sums under all signs are 3, 5, 1, 3 and minus these, and 6 of 8 reach 3
    assert swap_test(counts([4, 3, 1], 4), counts([1, 2, 2], 4), accuracy) == pytest.approx(6 / 8)


@pytest.mark.parametrize("subjects", [2, 5, 6, 16])
def test_the_smallest_p_is_two_in_two_to_the_subjects(subjects: int) -> None:
    assert swap_test(counts([4] * subjects, 4), counts([1] * subjects, 4), accuracy) == 2 / 2**subjects


@pytest.mark.parametrize("seeds", [(1, 1), (3, 3), (3, 1), (2, 3)])
def test_against_every_pattern_by_brute_force(seeds: tuple[int, int]) -> None:
    generator = np.random.default_rng(2)
    one, other = (generator.integers(0, 4, (k, 5, 3, 3)).astype(float) for k in seeds)
    pairs = [(i, i) for i in range(seeds[0])]
    if seeds[0] != seeds[1]:
        pairs = list(itertools.product(range(seeds[0]), range(seeds[1])))

    def difference(pattern: tuple[int, ...]) -> float:
        result = []
        for i, j in pairs:
            sides = np.zeros((2, 3, 3))
            for subject, swapped in enumerate(pattern):
                sides[swapped] += one[i, subject]
                sides[1 - swapped] += other[j, subject]
            result.append(float(uf1(sides[0]) - uf1(sides[1])))
        return abs(float(np.mean(result)))

    reached = difference((0,) * 5)
    expected = np.mean([difference(p) >= reached - 1e-12 for p in itertools.product((0, 1), repeat=5)])
    assert swap_test(one, other, uf1) == pytest.approx(expected)
    assert swap_test(other, one, uf1) == pytest.approx(expected)


def test_random_patterns_agree_with_the_exact_p(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(3)
    one, other = (generator.integers(0, 4, (2, 10, 3, 3)).astype(float) for _ in range(2))
    exact = swap_test(one, other, uf1)
    monkeypatch.setattr("merbench.analysis.statistics.permutation.EXACT_SUBJECTS", 1)
    assert swap_test(one, other, uf1, draws=20000) == pytest.approx(exact, abs=0.015)


def test_a_p_of_random_patterns_is_never_zero() -> None:
    assert swap_test(counts([4] * 30, 4), counts([0] * 30, 4), accuracy, draws=99) == 0.01


def test_methods_alike_cannot_be_told_apart() -> None:
    same = counts([1, 2, 3, 4], 4)
    assert swap_test(same, same, uf1) == 1.0


def test_of_equal_methods_one_in_twenty_is_called_different() -> None:
    generator = np.random.default_rng(5)
    result = []
    for _ in range(400):
        one, other = (generator.binomial(12, 0.5, 10).tolist() for _ in range(2))
        result.append(swap_test(counts(one, 12), counts(other, 12), accuracy) <= 0.05)
    assert 0.015 < np.mean(result) < 0.075


def test_other_subjects_are_refused() -> None:
    with pytest.raises(UsageError, match="cannot be paired"):
        swap_test(counts([1], 2), counts([1, 2], 2), uf1)


@pytest.mark.parametrize("subjects", [5, 9])
def test_the_exact_p_is_that_of_scipy(subjects: int) -> None:
    generator = np.random.default_rng(8)
    one, other = (generator.integers(0, 4, (2, subjects, 3, 3)).astype(float) for _ in range(2))
    methods = np.stack([one, other])

    def difference(first: np.ndarray, second: np.ndarray) -> float:
        # each sample is a label by subject: which of the methods the subject's predictions are taken from
        places = np.arange(subjects)
        a, b = (methods[labels.astype(int), :, places].sum(0) for labels in (first, second))
        return float((uf1(a) - uf1(b)).mean())

    expected = permutation_test(
        (np.zeros(subjects), np.ones(subjects)), difference, permutation_type="samples", n_resamples=np.inf
    )
    assert swap_test(one, other, uf1) == pytest.approx(expected.pvalue)
