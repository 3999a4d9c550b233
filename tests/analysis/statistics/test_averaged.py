"""Protocols that average the scores of their folds: the statistics are of that mean, not of pooled counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from scipy.stats import bootstrap
from sklearn.metrics import f1_score

from merbench.analysis.statistics import interval, paired_difference
from merbench.analysis.statistics.per_clip import predictions_by_clip, subject_counts
from merbench.results.record import RuleResult, RunRecord

Make = Callable[..., RunRecord]
#: Twenty subjects, tested in two folds of 8 and 12.
SUBJECTS = [f"{number:02}" for number in range(20)]
FOLDS = [SUBJECTS[:8], SUBJECTS[8:]]


def in_two_folds(record: RunRecord) -> RunRecord:
    """The record with its subjects' rows joined into `FOLDS`, as a protocol that averages them leaves it."""

    def joined(rows: Sequence[list[object]]) -> list[list[object]]:
        by_subject = dict(zip(SUBJECTS, rows, strict=True))
        return [[value for subject in fold for value in by_subject[subject]] for fold in FOLDS]

    rows = joined(record.by_rule["last"].probabilities)
    return record.updated(
        averaged=True,
        keys=joined(record.keys),
        truth=joined(record.truth),
        by_rule={"last": RuleResult.model_construct(probabilities=rows)},
    )


@pytest.fixture
def two_methods(make: Make) -> tuple[RunRecord, RunRecord, dict[str, list[int]], dict[str, list[int]]]:
    """Two methods of which the first is right more often, and the truth and predictions of the first."""
    generator = np.random.default_rng(7)
    truth = {s: generator.integers(0, 2, 6).tolist() for s in SUBJECTS}
    result = []
    for share in (0.8, 0.4):
        predicted = {s: [t if generator.random() < share else 1 - t for t in labels] for s, labels in truth.items()}
        result.append((in_two_folds(make(truth, predicted, 2, 0, f"method of {share}")), predicted))
    return result[0][0], result[1][0], truth, result[0][1]


def test_the_value_and_interval_are_of_the_mean_of_the_folds(
    two_methods: tuple[RunRecord, RunRecord, dict[str, list[int]], dict[str, list[int]]],
) -> None:
    record, _, truth, predicted = two_methods

    def statistic(chosen: np.ndarray) -> float:
        folds = [[SUBJECTS[place] for place in chosen if SUBJECTS[place] in fold] for fold in FOLDS]
        scores = [
            f1_score(
                [label for s in fold for label in truth[s]],
                [label for s in fold for label in predicted[s]],
                average="macro",
                labels=[0, 1],
                zero_division=0,
            )
            for fold in folds
        ]
        return float(np.mean(scores))

    result = interval([record], draws=4000)
    assert result.value == pytest.approx(statistic(np.arange(20)))
    expected = bootstrap(
        (np.arange(20),), statistic, method="percentile", n_resamples=500, vectorized=False,
        rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    assert result.low == pytest.approx(expected.low, abs=0.02)
    assert result.high == pytest.approx(expected.high, abs=0.02)


def test_a_difference_is_of_the_means_and_its_test_swaps_within_folds(
    two_methods: tuple[RunRecord, RunRecord, dict[str, list[int]], dict[str, list[int]]],
) -> None:
    better, worse, _, _ = two_methods
    result = paired_difference([better], [worse])
    assert result.difference == pytest.approx(interval([better]).value - interval([worse]).value)
    assert result.low < result.difference < result.high
    assert result.p < 0.01 < paired_difference([better], [better]).p
    assert result.subjects == 20
    assert result.effect is not None


def test_counts_of_a_subject_are_pooled_for_pictures(
    two_methods: tuple[RunRecord, RunRecord, dict[str, list[int]], dict[str, list[int]]],
) -> None:
    counts = subject_counts(predictions_by_clip([two_methods[0]], "last"))
    assert counts.shape == (1, 20, 2, 2)
    assert (counts.sum((0, 2, 3)) == 6).all()
