"""The drawn databases as tables: their class columns and splits."""

import hashlib
import re

import pandas as pd
import pytest

from merbench.annotations.schemes import EVALUATED_OBJECTIVE_CLASSES, objective_class
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.registry import datasets


def table(name: str, **parameters: object) -> pd.DataFrame:
    kind = datasets.get(name)
    return kind(kind.Parameters().changed(parameters)).table(None).table


@pytest.mark.parametrize(
    ("subjects", "splits"),
    [
        (6, "train train train train testA testB"),
        (3, "train train testA"),
        (2, "train testA"),
        (1, "train"),
        (9, "train train train train train train testA testA testB"),
    ],
)
def test_two_thirds_of_the_subjects_are_for_training(subjects: int, splits: str) -> None:
    found = table("synthetic", subjects=subjects, clips=2).groupby("subject")["split"].unique()
    assert [list(each) for each in found] == [[split] for split in splits.split()]


@pytest.mark.parametrize("name", ["synthetic", "synthetic-a", "synthetic-b", "synthetic-c", "synthetic-d"])
def test_the_objective_class_is_that_of_the_planted_action_units(name: str) -> None:
    for units, found in table(name)[["action_units", "objective_class"]].itertuples(index=False, name=None):
        assert found == objective_class([int(number) for number in re.findall("[0-9]+", units)])


@pytest.mark.parametrize("name", ["synthetic-d", "synthetic-e"])
def test_the_stand_ins_of_megc2018_have_clips_of_every_class(name: str) -> None:
    task = labelled([Source(dataset=datasets.get(name)())], "objective", "middle")
    assert task.classes == EVALUATED_OBJECTIVE_CLASSES
    assert all(task.counts.values())
    assert {lost.reason for lost in task.left_out} <= {"VI", "VII"}


def test_what_was_drawn_before_is_drawn_still() -> None:
    columns = ["subject", "clip", "onset", "apex", "offset", "emotion", "action_units"]
    text = table("synthetic", subjects=2, clips=6)[columns].to_csv(index=False)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "e3ee26b07f53fa4a"


def test_parameters_that_came_later_leave_the_identity_of_older_runs_alone() -> None:
    parameters = datasets.get("synthetic").Parameters()
    assert parameters.values() == {"subjects": 6, "clips": 24, "difficulty": "normal", "seed": 1}
    assert parameters.changed({"blinks": 0.5}).values()["blinks"] == 0.5
    assert "peak" not in parameters.changed({"blinks": 0.5}).values()


@pytest.mark.parametrize(("difficulty", "digest"), [("normal", "686753813ac6cb67"), ("hard", "fd9e97bb325c25b9")])
def test_the_clips_of_before_are_planned_still(difficulty: str, digest: str) -> None:
    dataset = datasets.get("synthetic-c")
    made = dataset(dataset.Parameters().changed({"difficulty": difficulty, "subjects": 2, "clips": 4}))
    plans = [made._plan(clip) for clip in labelled([Source(dataset=made)], None, "middle").as_clips()]
    content = [
        [plan.identity, plan.seed, plan.emotion, plan.onset, plan.apex, plan.offset]
        + [[unit.number, unit.side, f"{unit.strength:.6f}"] for unit in (*plan.action_units, *plan.resting)]
        for plan in plans
    ]
    assert hashlib.sha256(repr(content).encode()).hexdigest()[:16] == digest


def test_a_realistic_composite_has_the_counts_of_megc_2019() -> None:
    for name, subjects, counts in (
        ("synthetic-a", 16, {"negative": 70, "positive": 51, "surprise": 43}),
        ("synthetic-b", 24, {"negative": 88, "positive": 32, "surprise": 25}),
        ("synthetic-c", 28, {"negative": 92, "positive": 26, "surprise": 15}),
    ):
        kind = datasets.get(name)
        dataset = kind(kind.Parameters().changed({"difficulty": "realistic", "subjects": subjects}))
        task = labelled([Source(dataset=dataset)], "3-class-megc2019", "middle")
        assert task.counts == counts
        assert task.clips.groupby("subject").size().max() > 3 * task.clips.groupby("subject").size().median()


def test_composition_and_label_noise_can_be_had_alone() -> None:
    plain = table("synthetic", composition="smic", subjects=16, clips=5)
    assert len(plain) == 164 + len(plain[plain["emotion"] == "others"])
    assert (plain["emotion"] == plain["rendered_emotion"]).all()
    noisy = table("synthetic-b", label_noise=0.3, subjects=20)
    wrong = noisy["emotion"] != noisy["rendered_emotion"]
    assert wrong.mean() == pytest.approx(0.3, abs=0.1)
    classes = datasets.get("synthetic-b").schemes[0].mapping
    pairs = noisy.loc[wrong, ["emotion", "rendered_emotion"]].itertuples(index=False, name=None)
    assert all(classes[label] != classes[rendered] for label, rendered in pairs)
    assert (noisy.drop(columns="emotion")["clip"] == table("synthetic-b", subjects=20)["clip"]).all()


@pytest.mark.parametrize("name", ["synthetic", "synthetic-a", "synthetic-d"])
def test_every_parameter_of_a_difficulty_reaches_the_plan(name: str) -> None:
    kind = datasets.get(name)
    amounts = {"peak": 3.5, "peak_spread": 0.1, "subject_gain": 0.2, "distractors": 0.5, "habits": 0.25, "blinks": 1.0,
               "mouth_drift": 0.75, "head_motion": 1.25, "noise": 4.0, "label_noise": 0.05,
               "tissue": 0.15}  # fmt: skip
    made = kind(kind.Parameters().changed({"subjects": 1, "clips": 12, **amounts}))
    clip = labelled(
        [Source(dataset=made)], next(scheme.name for scheme in made.schemes if len(scheme.classes) == 3), "middle"
    ).as_clips()[0]
    difficulty = made._plan(clip).difficulty
    assert (difficulty.peak_low, difficulty.peak_high) == (3.5, 3.5)
    assert {field: getattr(difficulty, field) for field in amounts if field != "peak"} == {
        field: value for field, value in amounts.items() if field != "peak"
    }
