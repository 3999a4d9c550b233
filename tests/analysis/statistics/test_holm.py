"""Holm's correction, by hand."""

import pytest

from merbench.analysis.statistics import holm


def test_worked_by_hand() -> None:
    # in order: 4 x 0.01, 3 x 0.02, 2 x 0.025 raised to the one before, 1 x 0.5
    assert holm([0.02, 0.5, 0.01, 0.025]) == pytest.approx([0.06, 0.5, 0.04, 0.06])


@pytest.mark.parametrize(("values", "expected"), [([], []), ([0.03], [0.03]), ([0.6, 0.7], [1.0, 1.0])])
def test_small_cases(values: list[float], expected: list[float]) -> None:
    assert holm(values) == expected


def test_ties_are_corrected_alike() -> None:
    assert holm([0.02, 0.02, 0.02]) == pytest.approx([0.06, 0.06, 0.06])
