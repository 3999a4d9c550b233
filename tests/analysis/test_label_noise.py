"""Scores against what was rendered, of runs whose labels are wrong on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest
from sklearn.metrics import f1_score

import merbench
from merbench.analysis.label_noise import rendered_scores, rendered_table
from merbench.analysis.run_tables import tables_of
from merbench.registry import datasets
from merbench.results.run import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    settings = {"dataset.subjects": 4, "dataset.clips": 12, "dataset.label_noise": 0.4}
    return merbench.run("random", settings={**settings, "epochs": 3}, runs=tmp_path_factory.mktemp("runs"))


def test_rendered_scores_are_those_of_the_datasets_own_column(run: Run) -> None:
    values = run.header.description.datasets["synthetic"][1]
    kind = datasets.get("synthetic")
    table = kind(kind.Parameters().changed(values)).table(None).table
    emotions = {f"synthetic/{row.subject}/{row.clip}/{row.onset}": row.rendered_emotion for row in table.itertuples()}
    keys = [key for fold in run.keys for key in fold]
    predicted = [run.classes[label] for _, labels in run.predictions("last") for label in labels]
    clean = rendered_scores(run)
    assert clean is not None
    assert clean.scores.uf1 == pytest.approx(
        f1_score([emotions[key] for key in keys], predicted, average="macro", labels=list(run.classes), zero_division=0)
    )
    assert clean.wrong == sum(table["emotion"] != table["rendered_emotion"])
    assert clean.clips == len(table) == 48


def test_the_scores_are_shown_with_those_against_what_was_rendered(run: Run) -> None:
    titles = [table.title for table in tables_of([run], "scores", "last")]
    assert titles[-1] == "Against the labels, and against what was rendered"
    assert len(titles) == 2


def test_without_noise_there_is_nothing_to_show(tmp_path: Path) -> None:
    clean = merbench.run("majority", settings={"dataset.subjects": 3, "dataset.clips": 8}, runs=tmp_path)
    assert rendered_scores(clean) is None
    assert rendered_table([("majority", clean)]) is None
