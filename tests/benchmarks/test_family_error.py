"""The simulation of families computes what the library computes, and rejects as its Holm does."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from merbench.analysis.statistics.components import components
from merbench.analysis.statistics.holm import holm
from merbench.analysis.statistics.pooled import uf1
from merbench.analysis.statistics.student import differences, floored


@pytest.fixture
def family_error(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The script, which imports the one beside it."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    yield importlib.import_module("family_error")
    for name in ("family_error", "table_inference"):
        sys.modules.pop(name, None)


def few(monkeypatch: pytest.MonkeyPatch, family_error: Any, replications: int) -> Any:
    monkeypatch.setattr(family_error, "COMPARED", 0)
    return family_error.sampled(9, 0.06, replications)


@pytest.mark.parametrize("seeds", [3, 10])
@pytest.mark.parametrize("methods", [2, 5])
def test_differences_and_p_are_those_of_the_library(
    monkeypatch: pytest.MonkeyPatch, family_error: Any, seeds: int, methods: int
) -> None:
    cell = few(monkeypatch, family_error, 1)
    means = [family_error.UF1] * family_error.EQUAL + [family_error.UF1 + family_error.GAP]
    population = family_error.population_of(9)
    skills, spreads = np.array([population.skill(mean, 0.06) for mean in means]).T
    counts = population.counts(np.random.default_rng([9, 60, 777]), skills, spreads, 10)[:methods, :seeds]
    first, second = np.triu_indices(methods, 1)
    expected = differences(components(list(counts), [False] * methods, uf1), first, second)
    difference, p = family_error.p_values(cell, seeds, list(range(methods)))
    np.testing.assert_allclose(difference[0], expected.value, atol=1e-6)
    np.testing.assert_allclose(p[0], floored(expected.p(), 9), rtol=2e-3)


def test_a_difference_to_the_library_stops_the_simulation(monkeypatch: pytest.MonkeyPatch, family_error: Any) -> None:
    monkeypatch.setattr(family_error, "PRIOR_DF", 0.0)
    with pytest.raises(AssertionError):
        family_error.sampled(9, 0.06, 1)


def test_rejections_are_those_of_holm(family_error: Any) -> None:
    p = np.random.default_rng(0).beta(0.2, 3, (50, 10))
    expected = [[each <= 0.05 for each in holm(row.tolist())] for row in p]
    assert 50 < np.sum(expected) < 450
    assert family_error._rejected(p).tolist() == expected


def test_a_family_counts_tables_in_which_anything_is_rejected(
    monkeypatch: pytest.MonkeyPatch, family_error: Any
) -> None:
    cell = few(monkeypatch, family_error, 4)
    family = family_error.family(cell, 10, 20)
    _, p = family_error.p_values(cell, 10, list(range(20)))
    assert family["error"] == np.mean([min(holm(row.tolist())) <= 0.05 for row in p])
