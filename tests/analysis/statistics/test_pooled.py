"""Scores of many count tables at once are those of each alone."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score

from merbench.analysis.statistics.pooled import METRICS, metric_named
from merbench.errors import UsageError
from merbench.metrics import confusion, scores
from merbench.task_kinds import MULTI_LABEL, SINGLE_LABEL
from merbench.task_kinds.unit_metrics import unit_confusion, unit_scores


@pytest.mark.parametrize("absent", [(), (2,), (0, 3)])
def test_scores_are_those_of_the_metrics_and_of_scikit_learn(absent: tuple[int, ...]) -> None:
    generator = np.random.default_rng(1)
    predicted = np.setdiff1d(np.arange(5), absent)
    draws = [(generator.choice(predicted, 40), generator.choice(predicted, 40)) for _ in range(20)]
    counts = np.array([confusion(truth, predicted, 5) for truth, predicted in draws], dtype=np.float64)
    expected = [scores([draw], 5) for draw in draws]
    for name in SINGLE_LABEL.compared:
        assert METRICS[name](counts) == pytest.approx([getattr(one, name) for one in expected])
    macro = [f1_score(t, p, average="macro", labels=range(5), zero_division=0) for t, p in draws]
    assert METRICS["uf1"](counts) == pytest.approx(macro)
    assert METRICS["uar"](counts) == pytest.approx([balanced_accuracy_score(t, p) for t, p in draws])


def test_an_unknown_metric_is_named() -> None:
    with pytest.raises(
        UsageError, match="metric=f2 is not possible: for single-label tasks it must be one of uf1, uar"
    ):
        metric_named("f2")


def test_those_of_units_are_the_metrics_and_serve_no_classes() -> None:
    draws = np.random.default_rng(2).integers(0, 2, (20, 2, 40, 5))
    counts = np.array([unit_confusion(*draw) for draw in draws], dtype=np.float64)
    expected = [unit_scores([tuple(draw)]) for draw in draws]
    for name in MULTI_LABEL.compared:
        assert METRICS[name](counts).mean(-1) == pytest.approx([getattr(one, name) for one in expected])
    with pytest.raises(UsageError, match="metric=mean_f1 is not possible: for single-label tasks"):
        metric_named("mean_f1")
