"""A table's intervals, letters and ranks: what is claimed, what is not, and why."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from merbench.analysis.statistics import MethodRuns, method_runs, table_inference
from merbench.analysis.statistics.pairs import least_subjects
from merbench.errors import UsageError
from merbench.results.record import RunRecord

Make = Callable[..., RunRecord]


def method(
    name: str, rate: float, seeds: int = 3, subjects: int = 20, spread: float = 0.0, **said: object
) -> MethodRuns:
    """A method right on a share `rate` of each subject's 12 clips, of two classes, differing by `spread` over seeds."""
    generator = np.random.default_rng(list(name.encode()))
    shift = spread * np.linspace(-1, 1, seeds)[:, None, None] if seeds > 1 else 0.0
    hits = generator.binomial(6, np.clip(rate + shift, 0, 1) * np.ones((seeds, subjects, 2))).astype(float)
    counts = np.zeros((seeds, subjects, 1, 2, 2))
    for own in range(2):
        counts[..., 0, own, own], counts[..., 0, own, 1 - own] = hits[..., own], 6 - hits[..., own]
    return MethodRuns(name=name, counts=counts, **said)  # type: ignore[arg-type]


def test_clear_differences_make_tiers() -> None:
    table = table_inference([method("low", 0.3), method("high", 0.9), method("near", 0.88), method("mid", 0.6)])
    by_name = {row.name: row for row in table.methods}
    assert [row.name for row in table.methods] == ["low", "high", "near", "mid"]
    assert {name: (row.rank, row.letters) for name, row in by_name.items()} == {
        "high": (1, "a"), "near": (1, "a"), "mid": (3, "b"), "low": (4, "c"),
    }  # fmt: skip
    assert all(0 <= row.low < row.value < row.high <= 1 for row in table.methods)
    assert len(table.pairs) == 6
    assert table.limits == ""
    assert 0 < table.gap < table.gap_corrected


def test_a_method_of_two_seeds_is_shown_and_not_ranked() -> None:
    table = table_inference([method("a", 0.9), method("b", 0.5, seeds=2), method("c", 0.4)])
    row = table.methods[1]
    assert (row.rank, row.letters, row.missing) == (None, "", "1 more seed to be ranked")
    assert not math.isnan(row.low)
    pairs = {(pair.first, pair.second): pair for pair in table.pairs}
    assert pairs["a", "b"].p_corrected is None
    assert not pairs["a", "b"].significant
    assert pairs["a", "c"].p_corrected == pairs["a", "c"].p  # one comparison is left: nothing to correct


def test_a_deterministic_method_needs_one_run() -> None:
    one = [method("a", 0.9, seeds=1, deterministic=True), method("b", 0.4)]
    assert [row.rank for row in table_inference(one).methods] == [1, 2]
    row = table_inference([method("a", 0.9, seeds=1), method("b", 0.4)]).methods[0]
    assert (row.rank, row.missing) == (None, "2 more seeds to be ranked")


def test_nobodys_rank_depends_on_a_method_that_is_never_ranked() -> None:
    two = [method("a", 0.8), method("b", 0.7)]
    extra = method("c", 0.95, spread=0.3, unranked="tuned on the evaluation subjects")
    alone, beside = table_inference(two), table_inference([*two, extra])
    assert beside.methods[2].rank is None
    assert beside.methods[:2] == alone.methods
    assert beside.pairs[0] == alone.pairs[0]


def test_seeds_that_vary_widen_the_interval_and_hide_a_difference() -> None:
    calm = table_inference([method("a", 0.75), method("b", 0.6)])
    wild = table_inference([method("a", 0.75, spread=0.2), method("b", 0.6, spread=0.2)])
    assert calm.pairs[0].significant
    assert not wild.pairs[0].significant
    assert wild.methods[0].high - wild.methods[0].low > 2 * (calm.methods[0].high - calm.methods[0].low)


def test_equal_methods_of_noisy_seeds_are_seldom_called_different() -> None:
    generator = np.random.default_rng(11)
    false = 0
    for _ in range(150):
        rates = 0.6 + 0.08 * generator.standard_normal((2, 3, 1, 1)) + 0.1 * generator.standard_normal((1, 1, 18, 1))
        hits = generator.binomial(6, rates.clip(0, 1) * np.ones((2, 3, 18, 2))).astype(float)
        counts = np.zeros((2, 3, 18, 1, 2, 2))
        for own in range(2):
            counts[..., 0, own, own], counts[..., 0, own, 1 - own] = hits[..., own], 6 - hits[..., own]
        table = table_inference([MethodRuns(name=name, counts=c) for name, c in zip("ab", counts, strict=True)])
        false += table.pairs[0].significant
    assert false <= 15  # 7.5 are expected; the test that takes networks as fixed calls about 50 different


def test_too_few_subjects_are_said_before_the_table() -> None:
    few = table_inference([method(name, rate, subjects=5) for name, rate in (("a", 1.0), ("b", 0.0))])
    assert few.limits.startswith("With 5 subjects no p is below 0.0625 (2 / 2^5), and 1 comparison needs 6 subjects")
    assert [(row.rank, row.letters) for row in few.methods] == [(None, ""), (None, "")]
    assert math.isnan(few.gap)
    assert math.isnan(few.gap_corrected)  # a gap that no table of these subjects could show
    assert least_subjects(190) == 13


def test_one_subject_has_scores_only() -> None:
    table = table_inference([method("a", 0.9, subjects=1), method("b", 0.1, subjects=1)])
    assert math.isnan(table.methods[0].low)
    assert table.methods[0].value > table.methods[1].value
    assert (table.pairs[0].p, table.pairs[0].p_corrected) == (1.0, None)
    assert "One subject" in table.limits


def test_the_runs_of_records_are_counted(make: Make) -> None:
    truth = {f"{s}": [0, 1, 0, 1] for s in range(8)}
    wrong = {s: [1, 0, 0, 1] for s in truth}
    table = table_inference([
        method_runs("right", [make(truth, truth)], deterministic=True),
        method_runs("half", [make(truth, wrong)], deterministic=True),
    ])  # fmt: skip
    assert [row.value for row in table.methods] == [1.0, 0.5]
    assert [row.rank for row in table.methods] == [1, 2]


def test_other_subjects_or_metrics_are_refused() -> None:
    with pytest.raises(UsageError, match="cannot share a table"):
        table_inference([method("a", 0.5, subjects=8), method("b", 0.5, subjects=9)])
    with pytest.raises(UsageError, match="No methods were named"):
        table_inference([])
    with pytest.raises(UsageError, match="metric=f2"):
        table_inference([method("a", 0.5)], metric="f2")
