"""Folds in worker processes: the same record as in this process, whoever is killed meanwhile."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

import merbench
from merbench import MerbenchError
from merbench.experiments.events import Observer
from merbench.experiments.execute import carry_out
from merbench.experiments.executors.base import RETRIES
from merbench.experiments.executors.folds import SpreadTrainer
from merbench.experiments.executors.processes import Processes
from merbench.experiments.executors.request import Request, request
from merbench.experiments.executors.worker import TRAIN
from merbench.experiments.prepare import prepare
from merbench.experiments.specify import specification
from merbench.plugins import load_plugin
from merbench.registry import methods
from merbench.results.run import Run
from merbench.tuning.config import TuningConfig
from merbench.tuning.distributed import DistributedTuning
from merbench.tuning.nested import tune, tuning_of

TOY = Path(__file__).parents[2] / "tuning" / "toy.py"
SETTINGS = {"dataset.subjects": 4, "dataset.clips": 10}
Ask = Callable[..., Request]


@pytest.fixture
def asked() -> Request:
    load_plugin(TOY)
    return request(specification("toy", settings=SETTINGS, plugins=[TOY]))


def carried_out(asked: Request, out: Path, trainer: Any = None) -> Run:
    return carry_out(prepare(asked.experiment(), Observer()), out=out, runs=out, observer=Observer(), trainer=trainer)


def assert_same(one: Run, two: Run) -> None:
    assert one.header.identity == two.header.identity
    for left, right in zip(one.outer, two.outer, strict=True):
        assert (left.fold, left.keys) == (right.fold, right.keys)
        np.testing.assert_array_equal(left.probabilities, right.probabilities)


def test_a_run_that_is_complete_leaves_nothing_for_workers() -> None:
    assert list(Processes(2).results(TRAIN, [])) == []


@pytest.mark.slow
def test_a_killed_workers_fold_is_done_again_and_the_record_is_the_same(
    asked: Request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MERBENCH_TEST_KILL", str(tmp_path / "killed"))
    spread = carried_out(asked, tmp_path / "spread", SpreadTrainer(Processes(1), asked))
    assert (tmp_path / "killed").exists()
    monkeypatch.delenv("MERBENCH_TEST_KILL")
    assert_same(spread, carried_out(asked, tmp_path / "local"))


@pytest.mark.slow
def test_networks_give_the_same_bits_in_processes(tmp_path: Path) -> None:
    settings = {"dataset.subjects": 3, "dataset.clips": 10, "size": 32, "epochs": 1}
    asked = request(specification("mmnet", settings=settings))
    local = carried_out(asked, tmp_path / "local")
    assert_same(local, carried_out(asked, tmp_path / "spread", SpreadTrainer(Processes(2), asked)))


def test_what_is_sent_is_plain_data_and_makes_the_same_experiment(asked: Request, tmp_path: Path) -> None:
    experiment = asked.experiment()
    sent = pickle.loads(pickle.dumps(asked.of(experiment)))
    assert all(isinstance(value, bytes) for _, value in sent.plugins)
    task = prepare(experiment, Observer()).task
    assert sent.experiment().description(task) == experiment.description(task)


def test_work_that_kills_every_worker_ends_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def dead(self: Processes, job: str, left: Any) -> Iterator[Any]:
        tried.append(len(left))
        return iter(())

    monkeypatch.setattr(Processes, "_until_death", dead)
    with pytest.raises(Exception, match="died 4 times over 2 jobs"):
        list(Processes(2).results(TRAIN, [Mock(), Mock()]))
    assert tried == [2] * (RETRIES + 1)


@pytest.mark.slow
def test_trials_by_processes_choose_what_this_process_would(
    asked: Request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = TuningConfig(trials=4, inner=2, all_subjects=False, heartbeat=5)
    monkeypatch.setenv("MERBENCH_TEST_KILL", str(tmp_path / "killed"))
    tuning = tuning_of(asked.experiment(), plan, None, Observer())
    spread = tune(tuning, out=tmp_path / "spread", spread=DistributedTuning(Processes(2), asked))
    assert (tmp_path / "killed").exists()
    monkeypatch.delenv("MERBENCH_TEST_KILL")
    local = tune(tuning_of(asked.experiment(), plan, None, Observer()), out=tmp_path / "local")
    assert_same(spread, local)
    assert spread.header.as_dict()["tuning"]["trials"] == 4 * 4
    assert spread.header.as_dict()["tuning"]["chosen"] == local.header.as_dict()["tuning"]["chosen"]


@pytest.mark.slow
def test_the_function_takes_plugins_and_an_executor_and_refuses_objects(tmp_path: Path) -> None:
    here = merbench.run("toy", settings=SETTINGS, plugins=[TOY], out=tmp_path / "here")
    there = merbench.run(
        "toy", settings=SETTINGS, plugins=[TOY], executor="processes", workers=2, out=tmp_path / "there"
    )
    assert_same(here, there)
    with pytest.raises(MerbenchError, match="sent names, never objects"):
        merbench.run(methods.get("toy"), settings=SETTINGS, executor="processes", runs=tmp_path)
    with pytest.raises(MerbenchError, match="keep_weights keeps networks of this process"):
        merbench.run("ststnet", settings=SETTINGS, executor="processes", keep_weights=True, runs=tmp_path)
