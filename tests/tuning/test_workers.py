"""Several workers on one storage, one of them killed in the middle of a trial: nothing is lost or counted twice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from merbench.results.run import Run
from merbench.tuning.samplers import SLOT, quiet
from merbench.tuning.storage import storage_at

from . import postgres

TRIALS = 6


@pytest.fixture(params=["sqlite", "journal", "postgresql"])
def storage(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param != "postgresql":
        yield request.param
        return
    if why := postgres.lacking():
        pytest.skip(why)
    with postgres.server() as url:
        yield url


@pytest.mark.slow
def test_two_processes_finish_exactly_the_trials_though_one_is_killed(storage: str, toy: Path, tmp_path: Path) -> None:
    words = [
        "tune", "-m", "toy", "--plugin", str(toy), "--set", "dataset.subjects=3", "--set", "dataset.clips=10",
        "--trials", str(TRIALS), "--inner", "2", "--flat", "--storage", storage, "--heartbeat", "2",
        "--out", str(tmp_path / "run"),
    ]  # fmt: skip
    environment = {**os.environ, "MERBENCH_TEST_KILL": str(tmp_path / "killed")}
    both = [
        subprocess.Popen([sys.executable, "-m", "merbench", *words], env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=280)[1] for process in both]
    assert sorted(process.returncode for process in both) == [-9, 0], said
    with quiet(), storage_at(storage, tmp_path / "run" / "tuning", 1) as kept:
        [name] = optuna.get_all_study_names(kept)
        trials = optuna.load_study(study_name=name, storage=kept).trials
    done = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    assert sorted(trial.user_attrs[SLOT] for trial in done) == list(range(TRIALS))
    [lost] = [trial for trial in trials if trial.state == TrialState.FAIL and "stopped" not in trial.user_attrs]
    [again] = [trial for trial in done if trial.user_attrs[SLOT] == lost.user_attrs[SLOT]]
    assert again.number > lost.number
    assert again.params == lost.params
    run = Run.load(tmp_path / "run")
    assert run.header.as_dict()["tuning"]["trials"] == TRIALS
    assert (tmp_path / "run" / "record.json").is_file()
