"""Compositions: the public counts, scaled, and turned into emotions."""

import numpy as np
import pytest

from merbench.synthetic.composition import PUBLIC, composed, in_turn, subject_counts


@pytest.mark.parametrize(
    ("database", "classes", "subjects"),
    [("casme2", (88, 32, 25), 24), ("smic", (70, 51, 43), 16), ("samm", (92, 26, 15), 28)],
)
def test_the_counts_are_those_of_megc_2019(database: str, classes: tuple[int, ...], subjects: int) -> None:
    rows = subject_counts(database, subjects)
    assert tuple(np.sum(rows, 0)) == classes
    assert len(rows) == len(PUBLIC[database]) == subjects


@pytest.mark.parametrize("subjects", [3, 8, 50])
def test_a_scaled_composition_has_as_many_clips_a_subject(subjects: int) -> None:
    rows = subject_counts("samm", subjects)
    assert len(rows) == subjects
    assert np.sum(rows) / subjects == pytest.approx(133 / 28, rel=0.5)


def test_emotions_of_a_class_take_turns_from_subject_to_subject() -> None:
    shares, classes = {"anger": 1, "fear": 1, "joy": 1, "odd": 1}, {"anger": 0, "fear": 0, "joy": 1, "odd": None}
    first, second = (composed((1, 0, 0), shares, classes, start) for start in (0, 1))
    assert (first, second) == (["anger", "odd"], ["fear", "odd"])


def test_rounds_give_each_name_its_share() -> None:
    assert in_turn({"a": 2, "b": 1}) == ["a", "b", "a"]
