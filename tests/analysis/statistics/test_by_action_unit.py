"""Recall by action unit and by combination, beside scikit-learn and counting by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from merbench.analysis.statistics import recall_by_combination, recall_by_unit
from merbench.analysis.statistics.per_clip import predictions_by_clip
from merbench.results.record import RunRecord

Make = Callable[..., RunRecord]
#: Units of the clips of each subject, by number.
UNITS: list[tuple[int, ...]] = [(4, 7), (4,), (7, 4), (12,), ()]


@pytest.fixture
def records(make: Make) -> list[RunRecord]:
    generator = np.random.default_rng(1)
    truth = {f"{subject:02}": generator.integers(0, 3, 5).tolist() for subject in range(9)}
    return [
        make(truth, {name: generator.integers(0, 3, 5).tolist() for name in truth}, classes=3, seed=seed)
        for seed in range(3)
    ]


def coded(records: list[RunRecord]) -> dict[str, tuple[int, ...]]:
    return {key: UNITS[int(key.split("/")[2])] for fold in records[0].keys for key in fold}


def test_recall_is_the_accuracy_of_the_clips_with_the_unit(records: list[RunRecord]) -> None:
    clips, units = predictions_by_clip(records, "last"), coded(records)
    rows = {row.name: row for row in recall_by_unit(clips, units)}
    assert list(rows) == ["4", "7", "12"]
    for name, row in rows.items():
        has = np.array([int(name) in units[key] for key in clips.keys])
        expected = np.mean([accuracy_score(clips.truth[has], labels[has]) for labels in clips.predicted])
        assert row.recall.value == pytest.approx(expected)
        assert (row.clips, row.subjects) == (int(has.sum()), 9)
        assert 0 <= row.recall.low <= row.recall.value <= row.recall.high <= 1


def test_combinations_are_whole_sets_the_most_frequent_first(records: list[RunRecord]) -> None:
    rows = recall_by_combination(predictions_by_clip(records, "last"), coded(records))
    assert [(row.name, row.clips) for row in rows] == [("4+7", 18), ("4", 9), ("12", 9)]


def test_the_interval_of_one_clip_a_subject_is_the_t_interval_of_the_mean(make: Make) -> None:
    """Equal weights and nothing random: the jackknife's variance is that of a mean."""
    from scipy import stats

    truth = {f"{subject:02}": [0, 1] for subject in range(12)}
    predicted = {name: [0 if place % 3 else 1, 1] for place, name in enumerate(truth)}
    record = make(truth, predicted)
    units = {key: (4,) for fold in record.keys for key in fold if key.endswith("/00/0")}
    [row] = recall_by_unit(predictions_by_clip([record], "last"), units, deterministic=True)
    hits = np.array([float(place % 3 > 0) for place in range(12)])
    half = stats.t.ppf(0.975, 11) * hits.std(ddof=1) / math.sqrt(12)
    assert row.recall.value == pytest.approx(hits.mean())
    assert row.recall.low == pytest.approx(hits.mean() - half)


def test_a_unit_of_one_subject_has_no_interval_and_uncoded_clips_no_row(records: list[RunRecord]) -> None:
    clips = predictions_by_clip(records, "last")
    [row] = recall_by_unit(clips, {clips.keys[0]: (25,)})
    assert (row.clips, row.subjects, math.isnan(row.recall.low)) == (1, 1, True)
    assert recall_by_unit(clips, {}) == recall_by_combination(clips, {}) == ()
