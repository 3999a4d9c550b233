"""What the leaderboard does not take in, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from merbench.errors import StoreError
from merbench.leaderboard.admission import expected_counts, require_agreement, require_fit
from merbench.results.record import checked

Content = dict[str, Any]
Give = Callable[[str], Content]


@pytest.fixture
def clean(content: Give) -> Content:
    return {**content("majority"), "code": {"version": "0.1.0", "commit": "0" * 40, "dirty": False}}


def test_a_record_of_committed_code_is_taken(clean: Content) -> None:
    require_fit(checked("a", clean))
    require_fit(checked("a", {**clean, "code": {"version": "0.1.0", "commit": None, "dirty": None}}))


def test_uncommitted_code_is_refused(clean: Content) -> None:
    with pytest.raises(StoreError, match="run from uncommitted code"):
        require_fit(checked("a", {**clean, "code": {**clean["code"], "dirty": True}}))


def test_a_record_that_drops_a_fold_and_says_so_nowhere_is_refused(clean: Content) -> None:
    lost = clean["truth"].pop()
    clean["keys"].pop(), clean["folds"].pop()
    clean["clips"] -= len(lost)
    for label in lost:
        clean["counts"][clean["description"]["classes"][label]] -= 1
    from merbench.leaderboard.external import _by_rule

    probabilities = clean["by_rule"]["last"]["probabilities"][:-1]
    clean["by_rule"] = {"last": {**_by_rule(clean, probabilities), "epochs": [1, 1]}}
    clean["optimism"] = None
    with pytest.raises(
        StoreError, match=r"folds: loso trains on other subjects than the record says|folds are missing"
    ):
        require_fit(checked("a", clean))


def test_a_subject_that_was_trained_on_is_refused(clean: Content) -> None:
    clean["untrained_subjects"][clean["folds"][0]] = []
    with pytest.raises(StoreError, match="subjects: 1 subjects are trained on and tested"):
        require_fit(checked("a", clean))


def test_another_number_of_clips_than_the_schemes_is_refused(clean: Content) -> None:
    clean["drawn"], clean["states"] = False, {"casme2": "2014"}
    clean["description"]["datasets"] = {"casme2": ["", {}]}
    assert expected_counts(clean) == {"happiness": 32, "surprise": 25, "disgust": 63, "repression": 27, "others": 99}
    with pytest.raises(StoreError, match=r"30 clips \(.*\), but the scheme 5-class has 246 clips"):
        require_fit(checked("a", clean))


@pytest.mark.parametrize("state", ["2014 (part)", "unheard of"])
def test_where_no_number_is_known_none_is_asked_for(clean: Content, state: str) -> None:
    clean["drawn"], clean["states"] = False, {"casme2": state}
    clean["description"]["datasets"] = {"casme2": ["", {}]}
    require_fit(checked("a", clean))
    clean["description"]["datasets"] = {"somebodys": ["", {}]}
    require_fit(checked("a", clean))


def test_a_composite_adds_the_numbers_of_its_datasets(clean: Content) -> None:
    clean["description"].update(
        datasets={"casme2": ["", {}], "samm": ["", {}]},
        scheme="3-class-megc2019",
        classes=["negative", "positive", "surprise"],
    )
    from merbench.registry import datasets

    samm_state = next(iter(datasets.get("samm").scheme("3-class-megc2019").counts))
    clean["states"] = {"casme2": "2014", "samm": samm_state}
    assert expected_counts(clean) == {"negative": 180, "positive": 58, "surprise": 40}


def test_records_of_one_task_must_be_of_the_same_clips(content: Give) -> None:
    other = content("random-0")
    other["keys"][0][0] += "0"
    with pytest.raises(StoreError, match="is not in both"):
        require_agreement([checked("a", content("majority")), checked("b", other)])
    require_agreement([checked("a", content("majority")), checked("c", content("three"))])
