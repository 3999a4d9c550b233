"""The rule inner over several splits of the training subjects: seeded, stored, resumed, and spread reported."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import merbench
from merbench.analysis.run_tables import report
from merbench.analysis.tables import score_table
from merbench.experiments.events import Observer
from merbench.experiments.executors.request import request
from merbench.experiments.fold_runs import fold_runs
from merbench.experiments.prepare import prepare
from merbench.experiments.specify import specification
from merbench.leaderboard.run_page import facts, run_page
from merbench.results.audit import audit
from merbench.results.run import Run
from merbench.results.store import Store
from merbench.selection import Inner, inner_epoch

SMALL: dict[str, Any] = {"dataset.subjects": 6, "dataset.clips": 10, "epochs": 4}
RULES = "last,inner"


def trained(out: Path, **settings: Any) -> Run:
    return merbench.run("ststnet", settings={**SMALL, **settings}, rules=RULES, device="cpu", parallel_folds=1, out=out)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("runs")
    return {"one": trained(folder / "one"), "three": trained(folder / "three", inner_splits=3)}


def test_the_default_is_the_run_that_it_was(runs: dict[str, Run]) -> None:
    training = runs["one"].header.description.training
    assert training is not None
    assert "inner_splits" not in training
    assert runs["one"].inner_splits is None
    assert "inner_splits" not in runs["one"].record().as_dict()


def test_further_splits_leave_the_first_and_the_outer_trainings_equal_to_the_bit(runs: dict[str, Run]) -> None:
    one, three = runs["one"], runs["three"]
    for left, right in zip((*one.outer, *one.inner), (*three.outer, *three.inner), strict=True):
        assert left.keys == right.keys
        np.testing.assert_array_equal(left.probabilities, right.probabilities)
    assert three.inner_splits is not None
    assert three.inner_splits.epochs[0] == tuple(epoch + 1 for epoch in one.epochs("inner"))
    assert three.inner_splits.uf1[0] == one.scores("inner").uf1


def test_the_epoch_is_that_of_the_mean_over_splits(runs: dict[str, Run]) -> None:
    run = runs["three"]
    assert len(run.further_inner) == 2
    for fold, epoch in enumerate(run.epochs("inner")):
        splits = [run.inner[fold], *(split[fold] for split in run.further_inner)]
        inners = [Inner(probabilities=each.probabilities, truth=each.truth) for each in splits]
        assert epoch == inner_epoch(*inners)


def test_a_mean_can_be_another_epoch_than_any_split_chooses() -> None:
    truth = np.array([0, 0, 1, 1])
    best, good, bad = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0]), np.array([1, 1, 0, 0])

    def inner(*epochs: np.ndarray) -> Inner:
        return Inner(probabilities=np.eye(2, dtype=np.float32)[np.stack(epochs)], truth=truth)

    first, second = inner(best, good, bad), inner(bad, good, best)
    assert (inner_epoch(first), inner_epoch(second), inner_epoch(first, second)) == (0, 2, 1)


def test_splits_are_drawn_by_seed_and_fold_and_keep_equally_many_back() -> None:
    prepared = prepare(request(specification("majority", settings={"dataset.subjects": 12})).experiment(), Observer())
    subjects = prepared.task.clips["subject"].to_numpy()

    def kept(seed: int) -> list[frozenset[str]]:
        runs = fold_runs(prepared.task, prepared.folds, ("inner", "inner-2", "inner-3"), seed)
        return [frozenset(subjects[each.watch]) for each in runs]

    assert kept(0) == kept(0)
    assert kept(0)[::3] == kept(1)[::3]  # the first split is fixed
    assert kept(0)[1::3] != kept(1)[1::3]
    assert kept(0)[1::3] != kept(0)[2::3]
    assert {len(each) for each in kept(0)} == {2}


def test_the_record_and_the_table_report_the_spread(runs: dict[str, Run]) -> None:
    run = runs["three"]
    assert run.path is not None
    assert run.inner_splits is not None
    stored = Store(run.path).read_record()
    assert stored.inner_splits == run.inner_splits
    assert all(finding.verdict != "differs" for finding in audit(run.path))
    note = next(note for note in score_table([run]).notes if "inner chooses" in note)
    assert "the mean over 3 splits" in note
    assert f"{min(run.inner_splits.uf1):.3f} to {max(run.inner_splits.uf1):.3f}" in note
    assert not any("inner chooses" in note for note in score_table([runs["one"]]).notes)


def test_a_lost_split_is_trained_again_and_gives_the_same(runs: dict[str, Run], tmp_path: Path) -> None:
    source = runs["three"].path
    assert source is not None
    folder = tmp_path / "three"
    shutil.copytree(source, folder)
    shutil.rmtree(folder / "inner-3")
    assert Run.load(folder).rules == ("last",)  # without all splits the rule cannot choose
    again = trained(folder, inner_splits=3)
    assert again.epochs("inner") == runs["three"].epochs("inner")
    assert again.inner_splits == runs["three"].inner_splits


def small(out: Path, **how: Any) -> Run:
    few = {"dataset.subjects": 4, "dataset.clips": 8, "epochs": 2, "inner_splits": 2}
    return merbench.run("ststnet", settings=few, rules=RULES, device="cpu", out=out, **how)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return small(tmp_path_factory.mktemp("alone") / "run", parallel_folds=1)


@pytest.mark.parametrize("how", [{"parallel_folds": 2}, {"parallel_folds": 1, "executor": "processes", "workers": 2}])
def test_neither_parallel_folds_nor_processes_change_a_bit(alone: Run, tmp_path: Path, how: dict[str, Any]) -> None:
    other = small(tmp_path / "run", **how)
    assert other.inner_splits == alone.inner_splits
    assert other.record().by_rule == alone.record().by_rule
    for left, right in zip(alone.further_inner, other.further_inner, strict=True):
        for one, two in zip(left, right, strict=True):
            assert (one.fold, one.keys) == (two.fold, two.keys)
            np.testing.assert_array_equal(one.probabilities, two.probabilities)


def test_the_page_and_the_json_report_the_spread(runs: dict[str, Run]) -> None:
    run = runs["three"]
    assert run.inner_splits is not None
    spread = f"{min(run.inner_splits.uf1):.3f} to {max(run.inner_splits.uf1):.3f}"
    assert spread in dict(facts(run))["splits of inner"]
    assert "splits of inner" not in dict(facts(runs["one"]))
    assert spread in run_page([run])
    stated = [method["runs"][0]["inner_splits"] for method in report([run], "inner") + report([runs["one"]], "inner")]
    assert stated == [run.inner_splits.model_dump(), None]
    assert len(stated[0]["epochs"]) == len(stated[0]["uf1"]) == 3


def test_no_split_is_refused() -> None:
    with pytest.raises(merbench.MerbenchError, match="inner_splits=0 is not possible"):
        request(specification("ststnet", settings={"inner_splits": 0})).experiment()
