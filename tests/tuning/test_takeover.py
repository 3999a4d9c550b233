"""Studies that end whatever happened to other workers or to the storage, and storages that keep studies apart."""

from __future__ import annotations

import dataclasses
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import FrozenTrial, TrialState

from merbench.data.labelled_clips import LabelledClips
from merbench.errors import StoreError, UsageError
from merbench.experiments.events import Observer
from merbench.experiments.experiment import Experiment
from merbench.results.store import Store
from merbench.tuning import nested
from merbench.tuning.config import TuningConfig
from merbench.tuning.nested import carry_out_studies, tune, tuning_of
from merbench.tuning.problem import FOLDER, TuneObserver, Tuning
from merbench.tuning.samplers import SLOT, quiet
from merbench.tuning.storage import seconds_silent, storage_at
from merbench.tuning.study import Awaited, ResumableStudy, Spent

Make = Callable[..., Experiment]
THREE = TuningConfig(kind="flat", trials=3, inner=2, heartbeat=1)


class Waits(TuneObserver):
    def __init__(self) -> None:
        self.awaited: list[Awaited] = []

    def waits(self, study: ResumableStudy, awaited: Awaited) -> None:
        self.awaited.append(awaited)


def killed_in_its_first_trial(tuning: Tuning, storage: optuna.storages.BaseStorage, beats: bool) -> None:
    """Leave a storage as a worker does that is killed right after it began a trial."""
    [study] = nested.studies_of(tuning, storage).values()
    study.refill()
    with quiet():
        trial = study.study.ask()
    if beats:
        study._beat(trial)
    trial.set_user_attr("begun", trial.number)


@pytest.mark.parametrize("where", ["sqlite", "journal"])
@pytest.mark.parametrize("beats", [False, True])
def test_a_trial_whose_worker_was_killed_is_taken_over(
    experiment: Make, tmp_path: Path, where: str, beats: bool
) -> None:
    config = dataclasses.replace(THREE, storage=where)
    tuning = tuning_of(experiment(), config, None, Observer())
    (tmp_path / FOLDER).mkdir()
    observer = Waits()
    with storage_at(where, tmp_path / FOLDER, config.heartbeat) as storage:
        killed_in_its_first_trial(tuning, storage, beats)
        [study] = carry_out_studies(tuning, Store(tmp_path), storage, observer).values()
        assert sorted(trial.user_attrs[SLOT] for trial in study.done()) == [0, 1, 2]
        assert all(trial.state == TrialState.COMPLETE for trial in study.done())
        lost = [trial for trial in study.study.trials if trial.state == TrialState.FAIL]
    assert [trial.user_attrs[SLOT] for trial in lost] == [0]
    [awaited] = observer.awaited
    assert awaited.trial == 1
    assert awaited.since is not None
    assert 0 <= awaited.silent <= 4
    assert awaited.silent + awaited.takeover == pytest.approx(4)


@pytest.mark.parametrize("where", ["sqlite", "journal"])
def test_a_trial_that_shows_signs_of_life_is_left_to_its_worker(experiment: Make, tmp_path: Path, where: str) -> None:
    tuning = tuning_of(experiment(), dataclasses.replace(THREE, storage=where), None, Observer())
    with storage_at(where, tmp_path, 1) as storage:
        [study] = nested.studies_of(tuning, storage).values()
        study.refill()
        with quiet():
            trial = study.study.ask()
        for _ in range(6):
            study._beat(trial)
            time.sleep(1)
            [awaited] = study._tend()
            assert awaited.silent < 3
        assert study.study.trials[trial.number].state == TrialState.RUNNING


def test_every_trial_leaves_a_heartbeat_before_anything_else(experiment: Make, tmp_path: Path) -> None:
    tuning = tuning_of(experiment(), dataclasses.replace(THREE, heartbeat=3600), None, Observer())
    silent: list[float | None] = []

    class Look(TuneObserver):
        def trial(self, study: ResumableStudy, trial: FrozenTrial, spent: Spent) -> None:
            silent.append(seconds_silent(study._storage, trial))

    (tmp_path / FOLDER).mkdir()
    with storage_at("sqlite", tmp_path / FOLDER, 3600) as storage:
        carry_out_studies(tuning, Store(tmp_path), storage, Look())
    assert len(silent) == 3
    assert all(each is not None and 0 <= each < 600 for each in silent)


def test_a_database_that_goes_away_ends_in_a_sentence_with_the_way_to_resume(experiment: Make, tmp_path: Path) -> None:
    tuning = tuning_of(experiment(), THREE, None, Observer())

    class Vandal(TuneObserver):
        def trial(self, study: ResumableStudy, trial: FrozenTrial, spent: Spent) -> None:
            with closing(sqlite3.connect(tmp_path / "run" / FOLDER / "studies.db")) as connection, connection:
                connection.execute("DROP TABLE trials")

    with pytest.raises(StoreError, match=r"cannot be reached any more.*run the same command again"):
        tune(tuning, out=tmp_path / "run", observer=Vandal())


def test_studies_of_other_frames_are_other_studies(
    experiment: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuning = tuning_of(experiment(), THREE, None, Observer())
    url = f"sqlite:///{tmp_path}/shared.db"

    def names() -> list[str]:
        with storage_at(url, tmp_path, 1) as storage:
            nested.studies_of(tuning, storage)
            return optuna.get_all_study_names(storage)

    assert len(names()) == 1
    assert len(names()) == 1
    monkeypatch.setattr(nested, "frames_fingerprint", lambda clips, sources: {"synthetic": "one byte changed"})
    assert len(names()) == 2


def test_a_fingerprint_of_frames_is_of_the_clips_that_a_study_sees(
    experiment: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuning = tuning_of(experiment(), dataclasses.replace(THREE, kind="nested"), None, Observer())
    seen: list[set[str]] = []
    monkeypatch.setattr(
        nested, "frames_fingerprint", lambda clips, sources: seen.append({clip.key for clip in clips}) or {}
    )
    with storage_at("journal", tmp_path, 1) as storage:
        nested.studies_of(tuning, storage)
    assert seen == [set(keys) for keys in tuning.studies.values()]


def unprepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the test if any input is prepared."""

    def prepare(*_: Any, **__: Any) -> None:
        raise AssertionError("inputs are prepared before what could be refused")

    monkeypatch.setattr("merbench.experiments.prepare._inputs", prepare)


def test_a_space_that_searches_what_is_set_is_refused_before_inputs_are_prepared(
    experiment: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unprepared(monkeypatch)
    space = tmp_path / "space.toml"
    space.write_text("scale = { low = 0.1, high = 10.0 }\n")
    with pytest.raises(UsageError, match=r"--set scale=2\.0 fixes what --space .*space\.toml says otherwise"):
        tuning_of(experiment(scale=2.0), THREE, space, Observer())


def test_a_storage_that_cannot_be_used_is_refused_before_inputs_are_prepared(
    experiment: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unprepared(monkeypatch)
    config = dataclasses.replace(THREE, storage=f"sqlite:///{tmp_path}/nowhere/studies.db")
    with pytest.raises(UsageError, match=r"--storage sqlite:///.*cannot be used"):
        tuning_of(experiment(), config, None, Observer())
    assert list(tmp_path.iterdir()) == []


def test_too_few_subjects_are_refused_before_inputs_are_prepared(
    experiment: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    unprepared(monkeypatch)
    with pytest.raises(UsageError, match="--inner 9 is not possible"):
        tuning_of(experiment(), dataclasses.replace(THREE, inner=9), None, Observer())


def test_the_events_of_preparation_reach_the_observer(experiment: Make) -> None:
    seen: list[str] = []

    class Seen(Observer):
        def labelled(self, experiment: Experiment, task: LabelledClips, folds: Any) -> None:
            seen.append("labelled")

        def prepared(self, task: LabelledClips) -> None:
            seen.append("prepared")

    tuning_of(experiment(), THREE, None, Seen())
    assert seen == ["labelled", "prepared"]


def test_minutes_are_answered_in_minutes() -> None:
    with pytest.raises(UsageError, match=r"--time 0\.01 is not possible: it is in minutes"):
        TuningConfig(seconds=0.6)
