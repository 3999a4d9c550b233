"""The drawn databases as tables: their class columns and splits."""

import hashlib
import re

import pandas as pd
import pytest

from merbench.annotations.objective_classes import EVALUATED, objective_class
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
    assert task.classes == EVALUATED
    assert all(task.counts.values())
    assert {lost.reason for lost in task.left_out} <= {"VI", "VII"}


def test_what_was_drawn_before_is_drawn_still() -> None:
    columns = ["subject", "clip", "onset", "apex", "offset", "emotion", "action_units"]
    text = table("synthetic", subjects=2, clips=6)[columns].to_csv(index=False)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "e3ee26b07f53fa4a"
