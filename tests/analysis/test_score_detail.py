"""Scores by class, confusion and calibration of a method, beside scikit-learn."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score, recall_score

import merbench
from merbench.analysis.detail_tables import calibration_table, class_interval_table, rate_table
from merbench.analysis.run_tables import details, report, tables_of
from merbench.analysis.score_detail import ScoreDetail
from merbench.results.run import Run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    folder, few = tmp_path_factory.mktemp("runs"), {"dataset.clips": 10, "dataset.subjects": 5}
    return [
        _softened(merbench.run("random", settings={**few, "epochs": 2}, seed=seed, runs=folder)) for seed in range(3)
    ]


def _softened(run: Run) -> Run:
    """The same predictions, with probabilities in place of certainty."""
    generator = np.random.default_rng(run.seed)
    outer = tuple(
        replace(
            each, probabilities=(each.probabilities + generator.random((*each.probabilities.shape[:2], 1))).astype("f4")
        )
        for each in run.outer
    )
    outer = tuple(
        replace(each, probabilities=each.probabilities / each.probabilities.sum(2, keepdims=True)) for each in outer
    )
    return replace(run, outer=outer)


@pytest.fixture(scope="module")
def detail(runs: list[Run]) -> ScoreDetail:
    [detail] = details(runs, "last").values()
    return detail


def pooled(run: Run) -> tuple[np.ndarray, np.ndarray]:
    folds = run.predictions("last")
    return np.concatenate([truth for truth, _ in folds]), np.concatenate([labels for _, labels in folds])


def test_scores_by_class_are_scikit_learns_averaged_over_seeds(runs: list[Run], detail: ScoreDetail) -> None:
    f1 = np.mean([f1_score(*pooled(run), average=None) for run in runs], axis=0)
    recall = np.mean([recall_score(*pooled(run), average=None) for run in runs], axis=0)
    assert [row.f1.value for row in detail.by_class] == pytest.approx(f1.tolist())
    assert [row.recall.value for row in detail.by_class] == pytest.approx(recall.tolist())
    assert all(row.f1.low <= row.f1.value <= row.f1.high for row in detail.by_class)


def test_confusion_and_its_rates_are_scikit_learns(runs: list[Run], detail: ScoreDetail) -> None:
    truth, predicted = (np.concatenate(each) for each in zip(*map(pooled, runs), strict=True))
    assert np.array(detail.confusion).tolist() == confusion_matrix(truth, predicted).tolist()
    assert np.array(detail.rates) == pytest.approx(confusion_matrix(truth, predicted, normalize="true"))
    shown = [[float(cell) for cell in row[1:]] for row in rate_table("m", detail).rows]
    assert np.array(shown) == pytest.approx(np.array(detail.rates), abs=5e-4)


def test_a_class_without_clips_has_no_rates() -> None:
    detail = ScoreDetail(
        rule="last", classes=("a", "b"), seeds=1, by_class=(), confusion=((3, 1), (0, 0)), calibration=None
    )
    assert detail.rates[0] == (0.75, 0.25)
    assert all(math.isnan(rate) for rate in detail.rates[1])
    assert rate_table("m", detail).rows[1] == ("b", "–", "–")
    assert class_interval_table("m", detail) is None
    assert calibration_table("m", detail) is None


def test_the_calibration_pools_the_clips_of_all_seeds(runs: list[Run], detail: ScoreDetail) -> None:
    assert detail.calibration is not None
    assert sum(each.clips for each in detail.calibration.bins) == 3 * 50
    confidence = np.concatenate([fold.max(1) for run in runs for fold in run.probabilities("last")])
    hits = np.concatenate([truth == predicted for run in runs for truth, predicted in run.predictions("last")])
    order = np.argsort(confidence, kind="stable")
    bins = np.array_split(order, 10)
    expected = sum(len(each) * abs(confidence[each].mean() - hits[each].mean()) for each in bins) / len(order)
    assert detail.calibration.error == pytest.approx(expected, abs=1e-6)


def test_classes_alone_are_not_called_probabilities(tmp_path_factory: pytest.TempPathFactory) -> None:
    few = {"dataset.clips": 5, "dataset.subjects": 3}
    run = merbench.run("random", settings=few, out=tmp_path_factory.mktemp("run") / "m")
    [found] = details([run], "last").values()
    assert found.calibration is None


def test_the_report_is_plain_data_without_nan(runs: list[Run]) -> None:
    [content] = json.loads(json.dumps(report(runs, "last"), allow_nan=False))
    assert [each["seed"] for each in content["runs"]] == [0, 1, 2]
    assert content["runs"][0]["scores"]["last"]["uf1"] == pytest.approx(runs[0].scores().uf1)
    assert len(content["classes"]) == len(content["confusion"]["rates"]) == 5
    assert content["action_units"] == []


def test_every_usual_kind_has_tables(runs: list[Run]) -> None:
    coded = {key: (4,) for fold in runs[0].keys for key in fold}
    for kind in ("scores", "classes", "folds", "confusion", "calibration", "action-units"):
        assert tables_of(runs, kind, "last", coded)  # type: ignore[arg-type]
    assert tables_of(runs, "parts", "last") == tables_of(runs, "action-units", "last") == []
