"""Tuning that cannot leak: the held-out clips are nowhere to be had, whatever is done to them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from merbench.experiments.events import Observer
from merbench.experiments.experiment import Experiment
from merbench.experiments.prepare import prepare
from merbench.results.run import Run
from merbench.results.store import Store
from merbench.tuning import nested
from merbench.tuning.config import TuningConfig
from merbench.tuning.inner_folds import InputBank, inner_folds, restricted_task
from merbench.tuning.nested import carry_out_studies, tune, tuning_of
from merbench.tuning.problem import TuneObserver, Tuning
from merbench.tuning.storage import storage_at
from merbench.tuning.tuned_file import TunedParameters, read_tuned

Make = Callable[..., Experiment]
SMALL = TuningConfig(trials=4, inner=2, all_subjects=False)


class Poisoned(InputBank):
    """Frames of one subject are noise."""

    subject = ""

    def _all(self, method: Any) -> Any:
        places, inputs = super()._all(method)
        assert inputs is not None
        own = [place for key, place in places.items() if key.startswith(f"{self.subject}/")]
        assert own
        images = np.array(inputs.frames.images)
        images[own] = np.random.default_rng(7).integers(0, 256, images[own].shape)
        return places, dataclasses.replace(inputs, frames=dataclasses.replace(inputs.frames, images=images))


def poisoned_labels(tuning: Tuning, subject: str) -> Tuning:
    clips = tuning.prepared.task.clips.copy()
    own = clips["subject"] == subject
    clips.loc[own, "label"] = list(clips.loc[own, "label"])[::-1]
    clips.loc[own, "action_units"] = clips.loc[own, "action_units"].map(lambda units: (99,))
    task = dataclasses.replace(tuning.prepared.task, clips=clips)
    assert task.fingerprint != tuning.prepared.task.fingerprint
    return dataclasses.replace(tuning, prepared=dataclasses.replace(tuning.prepared, task=task))


def first_alone(tuning: Tuning) -> Tuning:
    return dataclasses.replace(tuning, prepared=dataclasses.replace(tuning.prepared, folds=tuning.prepared.folds[:1]))


def trials_of(tuning: Tuning, folder: Path) -> list[tuple[Any, ...]]:
    (folder / nested.FOLDER).mkdir(parents=True)
    with storage_at("sqlite", folder / nested.FOLDER, 15) as storage:
        [study] = carry_out_studies(tuning, Store(folder), storage, TuneObserver()).values()
        chosen = study.chosen()
        return [(study.name, chosen), *((t.params, t.value, t.state, t.intermediate_values) for t in study.done())]


@pytest.mark.parametrize(
    ("method", "changed", "config"),
    [
        ("toy", {}, TuningConfig(trials=14, inner=3, all_subjects=False)),
        ("toy", {}, TuningConfig(trials=6, inner=2, pruner="hyperband", sampler="random", all_subjects=False)),
        pytest.param(
            "mmnet",
            {"dataset.subjects": 3, "size": 32, "epochs": 2, "motion": "difference", "strides": "code"},
            TuningConfig(trials=2, inner=2, all_subjects=False),
            marks=pytest.mark.slow,
        ),
    ],
)  # fmt: skip
def test_poisoned_labels_and_frames_of_the_held_out_subject_change_no_bit(
    experiment: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    changed: dict[str, Any],
    config: TuningConfig,
) -> None:
    tuning = first_alone(tuning_of(experiment(method, **changed), config, None, Observer()))
    subject = tuning.prepared.folds[0].name
    clean = trials_of(tuning, tmp_path / "clean")
    monkeypatch.setattr("merbench.tuning.nested.InputBank", Poisoned)
    monkeypatch.setattr(Poisoned, "subject", subject)
    assert trials_of(poisoned_labels(tuning, subject), tmp_path / "poisoned") == clean
    monkeypatch.setattr(Poisoned, "subject", tuning.prepared.folds[0].train[0].rsplit("/", 2)[0])
    if method == "toy":  # the test itself: the same poison in a training subject does change what is found
        assert trials_of(tuning, tmp_path / "trained")[1:] != clean[1:]


def test_an_objective_holds_no_clip_of_the_held_out_subject(experiment: Make) -> None:
    tuning = tuning_of(experiment(), SMALL, None, Observer())
    fold = tuning.prepared.folds[0]
    bank = InputBank(tuning.prepared.experiment)
    objective = nested.objective_of(tuning, fold.name, fold.train, bank, Observer())
    assert fold.name not in set(objective.task.clips["subject"])
    inputs = objective.take(objective.experiment.method)
    assert inputs is not None
    assert inputs.count == len(fold.train) == len(inputs.frames.images) == len(objective.task.clips)
    assert inputs.frames.images.base is None or inputs.frames.images.base.shape == inputs.frames.images.shape
    subjects = objective.task.clips["subject"].to_numpy()
    for train, watch in objective.splits:
        assert not set(subjects[train]) & set(subjects[watch])
    watched = np.concatenate([watch for _, watch in objective.splits])
    assert sorted(watched) == list(range(len(subjects)))


def test_inner_folds_are_the_same_for_the_same_seed_and_no_more_than_subjects(experiment: Make) -> None:
    task = prepare(experiment(), Observer()).task
    assert len(inner_folds(task, 9, 0)) == 4
    one, two, other = inner_folds(task, 2, 0), inner_folds(task, 2, 0), inner_folds(task, 2, 1)
    assert [w.tolist() for _, w in one] == [w.tolist() for _, w in two]
    assert len(other) == 2
    alone = restricted_task(task, [key for key in task.clips.index if key.startswith("synthetic/01/")])
    with pytest.raises(Exception, match="at least 2 training subjects"):
        inner_folds(alone, 3, 0)


def test_a_tuned_run_is_kept_whole_and_resumed(experiment: Make, tmp_path: Path) -> None:
    made = tuning_of(experiment(), TuningConfig(trials=3, inner=2), None, Observer())
    run = tune(made, out=tmp_path / "run")
    assert run.header.tuned == "nested, 3 trials"
    assert run.header.as_dict()["tuning"]["trials"] == 15
    assert run.header.description.unranked == ""
    tuned = read_tuned(tmp_path / "run" / "tuning" / "tuned.toml")
    assert list(tuned.folds) == [outcome.fold for outcome in run.outer]
    assert tuned.all_subjects is not None
    for outcome in run.outer:
        chosen = tuned.folds[outcome.fold].chosen
        assert outcome.epochs == chosen.epoch
        assert not any(outcome.fold in subject for subject in tuned.folds[outcome.fold].subjects)
        assert TunedParameters(**run.header.as_dict()["tuning"]["chosen"][outcome.fold]) == chosen
    again = tune(tuning_of(experiment(), TuningConfig(trials=3, inner=2), None, Observer()), out=tmp_path / "run")
    assert again.record() == run.record()
    assert Run.load(tmp_path / "run").record() == run.record()


def test_flat_tuning_says_what_it_is(experiment: Make, tmp_path: Path) -> None:
    run = tune(tuning_of(experiment(), dataclasses.replace(SMALL, kind="flat"), None, Observer()), out=tmp_path)
    assert run.header.tuned == "flat, 4 trials: tuned on the evaluation subjects"
    assert run.header.description.unranked == "tuned on the evaluation subjects"
    assert len({str(chosen) for chosen in run.header.as_dict()["tuning"]["chosen"].values()}) == 1
