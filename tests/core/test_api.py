"""`merbench.run`: what a method may know, what changes the result, and what does not."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import merbench
from merbench.annotations.clips import Annotations
from merbench.data.labelled_clips import LabelledClips
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.errors import UsageError
from merbench.experiments.evaluate import Evaluator
from merbench.experiments.events import Observer
from merbench.experiments.fold_runs import fold_runs
from merbench.experiments.prepare import prepare
from merbench.experiments.resolve import resolve
from merbench.experiments.specify import specification
from merbench.protocol import Fold, checked_folds
from merbench.registry import datasets, methods
from merbench.training import fit as loop

SMALL = {"dataset.subjects": 3, "dataset.clips": 10, "size": 32, "epochs": 2}


class Keeps(Observer):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def labelled(self, experiment: Any, task: LabelledClips, folds: Sequence[Fold]) -> None:
        self.told.append(("labelled", len(task.clips), len(folds)))

    def epoch(self, fold: str, epoch: int) -> None:
        self.told.append((fold, epoch))


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, torch.Tensor]]:
    """The weights of every network that is trained, by fold."""
    found: dict[str, dict[str, torch.Tensor]] = {}
    real = loop.fit_folds

    def spy(method: Any, training: Any, tasks: Any, *rest: Any, **named: Any) -> Any:
        trained = real(method, training, tasks, *rest, **named)
        for task, result in zip(tasks, trained, strict=True):
            found[task.name] = {name: value.clone() for name, value in result.network.state_dict().items()}
        return trained

    monkeypatch.setattr(loop, "fit_folds", spy)
    return found


def poisoned(task: LabelledClips, subject: str) -> LabelledClips:
    """The task with every label of one subject replaced by another class."""
    clips = task.clips.copy()
    wrong = dict(zip(task.classes, (*task.classes[1:], task.classes[0]), strict=True))
    held_out = clips["subject"] == subject
    clips.loc[held_out, "label"] = clips.loc[held_out, "label"].map(wrong)
    return dataclasses.replace(task, clips=clips)


@pytest.mark.parametrize("rule", ["outer", "inner"])
def test_labels_of_the_held_out_subject_change_neither_weights_nor_probabilities(
    networks: dict[str, dict[str, torch.Tensor]], rule: str
) -> None:
    experiment = resolve(specification("mmnet", settings=SMALL))
    ready = prepare(experiment, Observer())
    held_out = "synthetic/02"
    outcomes, weights = [], []
    for task in (ready.task, poisoned(ready.task, held_out)):
        evaluator = Evaluator(
            experiment.method, experiment.training, task, ready.inputs, seed=0, numerics=experiment.numerics
        )
        [trial] = [trial for trial in fold_runs(task, ready.folds, (rule,)) if trial.fold == held_out]
        [outcome] = evaluator.outcomes([trial])
        outcomes.append(outcome)
        weights.append(networks.popitem()[1])
    assert (outcomes[0].truth != outcomes[1].truth).all() == (rule == "outer")
    np.testing.assert_array_equal(outcomes[0].probabilities, outcomes[1].probabilities)
    for name, value in weights[0].items():
        assert torch.equal(value, weights[1][name]), name


def test_labels_of_training_subjects_do_change_the_weights(networks: dict[str, dict[str, torch.Tensor]]) -> None:
    experiment = resolve(specification("mmnet", settings=SMALL))
    ready = prepare(experiment, Observer())
    weights = []
    for task in (ready.task, poisoned(ready.task, "synthetic/01")):
        evaluator = Evaluator(
            experiment.method, experiment.training, task, ready.inputs, seed=0, numerics=experiment.numerics
        )
        [trial] = [trial for trial in fold_runs(task, ready.folds, ("outer",)) if trial.fold == "synthetic/02"]
        list(evaluator.outcomes([trial]))
        weights.append(networks.popitem()[1])
    assert any(not torch.equal(value, weights[1][name]) for name, value in weights[0].items())


def test_the_order_of_folds_does_not_change_the_result() -> None:
    experiment = resolve(specification("mmnet", settings=SMALL))
    ready = prepare(experiment, Observer())
    every = fold_runs(ready.task, ready.folds, ("outer", "inner"))
    found = []
    for order in (every, every[::-1]):
        evaluator = Evaluator(
            experiment.method, experiment.training, ready.task, ready.inputs, seed=0, numerics=experiment.numerics
        )
        found.append({(o.fold, o.kind): o.probabilities for o in evaluator.outcomes(order)})
    for key, probabilities in found[0].items():
        np.testing.assert_array_equal(probabilities, found[1][key])


def test_a_run_says_what_it_does_and_comes_back_from_disk(tmp_path: Path) -> None:
    observer = Keeps()
    run = merbench.run("mmnet", settings=SMALL, runs=tmp_path, observer=observer)
    assert observer.told[0] == ("labelled", 30, 3)
    assert observer.told[1:] == [(f"synthetic/0{fold}", epoch) for fold in (1, 2, 3) for epoch in (0, 1)]
    assert run.path is not None
    again = merbench.Run.load(run.path)
    for rule in ("last", "oracle"):
        assert again.scores(rule) == run.scores(rule)
    assert run.optimism is not None
    assert run.optimism >= run.scores("oracle").uf1 - run.scores("last").uf1 - 1e-12
    assert len(run.curve) == 2
    assert run.curve[-1] == run.scores("last").uf1


def test_a_run_leaves_global_random_state_and_threads_as_they_were(tmp_path: Path) -> None:
    before = torch.random.get_rng_state(), np.random.get_state()[1].copy(), torch.get_num_threads()  # noqa: NPY002
    merbench.run("mmnet", settings={**SMALL, "epochs": 1}, rules="last", runs=tmp_path)
    assert torch.equal(before[0], torch.random.get_rng_state())
    np.testing.assert_array_equal(before[1], np.random.get_state()[1])  # noqa: NPY002
    assert before[2] == torch.get_num_threads()


def test_a_revision_of_a_method_changes_its_identity_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    first, other = identity(), identity(seed=1)
    monkeypatch.setattr(methods.get("mmnet"), "revision", 2)
    assert identity() not in (first, other)
    monkeypatch.setattr(methods.get("mmnet"), "revision", 1)
    assert identity() == first


def identity(**changed: Any) -> str:

    settings = {**SMALL, **changed.pop("settings", {})}
    experiment = resolve(specification("mmnet", **{"settings": settings, **changed}))
    task = labelled(experiment.sources, experiment.scheme, experiment.apex)
    return experiment.description(task).identity


@pytest.mark.parametrize(
    "changed",
    [
        {"seed": 1},
        {"scheme": "3-class"},
        {"precision": "float64"},
        {"recipe": "published"},
        {"settings": {"epochs": 3}},
        {"settings": {"size": 48}},
        {"settings": {"onset_jitter": 0.3}},
        {"settings": {"dataset.difficulty": "hard"}},
        {"settings": {"dataset.seed": 5}},
    ],
)
def test_the_identity_changes_with_what_defines_the_result(changed: dict[str, Any]) -> None:
    assert identity(**changed) != identity()


@pytest.mark.parametrize("changed", [{"rules": "last"}, {"on_error": "skip"}])
def test_the_identity_does_not_change_with_what_does_not(changed: dict[str, Any]) -> None:
    assert identity(**changed) == identity()


def test_published_recipes_are_the_default_on_real_data_and_follow_the_classes(tmp_path: Path) -> None:
    experiment = resolve(specification("mmnet", data={"casme2": tmp_path}))
    assert experiment.recipe == "published"
    assert experiment.rules == ("last", "inner", "oracle")
    assert experiment.training is not None
    assert experiment.training.epochs == 74
    three = resolve(specification("mmnet", data={"casme2": tmp_path}, scheme="3-class"))
    assert three.training is not None
    assert three.training.epochs == 99
    assert three.method.parameters.values()["position_depth"] == 3


def test_random_labels_look_good_under_oracle_alone(tmp_path: Path) -> None:
    run = merbench.run("random", settings={"epochs": 400, "dataset.clips": 10, "dataset.subjects": 12}, runs=tmp_path)
    assert run.scores("last").uf1 < 0.35
    assert run.scores("oracle").uf1 > 0.5


def test_landmarks_action_units_and_planted_motion_can_be_asked_for() -> None:
    dataset = datasets.get("synthetic")()
    task = labelled([Source(dataset=dataset)], None, "middle")
    clip = task.as_clips()[0]
    assert clip.apex is not None
    points = dataset.landmarks(None, clip, clip.apex)
    motion = dataset.ground_truth_motion(None, clip, clip.apex)
    assert points is not None
    assert points.shape == (68, 2)
    assert motion is not None
    assert motion.shape == (224, 224, 2)
    assert 1 < float(np.hypot(*np.moveaxis(motion, 2, 0)).max()) < 15
    still = dataset.ground_truth_motion(None, clip, clip.onset)
    assert still is not None
    assert float(abs(still).max()) == 0
    assert all(task.clips["action_units"].map(len))


def test_a_clip_whose_apex_was_never_annotated_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = datasets.get("synthetic")
    real = kind.table

    def table(self: Any, root: Path | None) -> Annotations:
        annotations = real(self, root)
        annotations.table.loc[0, "apex"] = None
        return annotations

    monkeypatch.setattr(kind, "table", table)
    experiment = resolve(specification("majority"))
    ready = prepare(experiment, Observer())
    assert len(ready.task.apexes) == 1
    assert len(checked_folds(experiment.protocol, ready.task.clips)) == 6


def test_a_number_is_one_task_however_it_is_written(tmp_path: Path) -> None:
    def subjects(value: object) -> object:
        run = merbench.run("majority", settings={"dataset.subjects": value, "dataset.clips": 5}, runs=tmp_path)
        return run.header.settings["dataset.subjects"]

    assert [subjects(value) for value in (3, 3.0, "3")] == ["3", "3", "3"]
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        ({"data": {"casme2": 3}}, "data.casme2=3 is not possible: it must be a folder"),
        ({"settings": {3: 4}}, "settings={3: 4} is not possible: it must be a table whose names are text"),
    ],
)
def test_values_of_another_type_are_refused_by_name(keywords: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        merbench.run("majority", **keywords)
