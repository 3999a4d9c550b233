"""What the leaderboard does not take in, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from merbench.errors import StoreError
from merbench.leaderboard.admission import expected_counts, require_agreement, require_fit
from merbench.results.loading import record_of
from merbench.results.record import RunRecord

Content = dict[str, Any]
Give = Callable[[str], Content]


@pytest.fixture
def clean(content: Give) -> Content:
    return {**content("majority"), "code": {"version": "0.1.0", "commit": "0" * 40, "dirty": False}}


def _with_its_identity(content: Content) -> RunRecord:
    """The record whose identity is that of its description, as that of a run is."""
    record = record_of("a", content)
    return record.updated(identity=record.description.identity, group=record.description.group).named("a")


def test_a_record_of_committed_code_is_taken(clean: Content) -> None:
    require_fit(record_of("a", clean))
    require_fit(record_of("a", {**clean, "code": {"version": "0.1.0", "commit": None, "dirty": None}}))


def test_uncommitted_code_is_refused(clean: Content) -> None:
    with pytest.raises(StoreError, match="run from uncommitted code"):
        require_fit(record_of("a", {**clean, "code": {**clean["code"], "dirty": True}}))


def test_a_record_that_drops_a_fold_and_says_so_nowhere_is_refused(clean: Content) -> None:
    lost = clean["truth"].pop()
    clean["keys"].pop(), clean["folds"].pop()
    clean["clips"] -= len(lost)
    for label in lost:
        clean["counts"][clean["description"]["classes"][label]] -= 1
    from merbench.leaderboard.external import _result

    probabilities = clean["by_rule"]["last"]["probabilities"][:-1]
    result = _result(RunRecord.from_dict(clean, "clean"), [[tuple(row) for row in fold] for fold in probabilities])
    clean["by_rule"] = {"last": {**result.as_dict(), "epochs": [1, 1], "parts": {}, "probabilities": probabilities}}
    clean["optimism"] = None
    with pytest.raises(
        StoreError, match=r"folds: loso trains on other subjects than the record says|folds are missing"
    ):
        require_fit(record_of("a", clean))


def test_a_subject_that_was_trained_on_is_refused(clean: Content) -> None:
    clean["untrained_subjects"][clean["folds"][0]] = []
    with pytest.raises(StoreError, match="subjects: trained on and tested: 1 subject"):
        require_fit(record_of("a", clean))


def test_another_number_of_clips_than_the_schemes_is_refused(clean: Content) -> None:
    clean["drawn"], clean["states"] = False, {"casme2": "2014"}
    clean["description"]["datasets"] = {"casme2": ["", {}]}
    record = RunRecord.from_dict(clean, "clean")
    assert expected_counts(record) == {
        "happiness": 32,
        "surprise": 25,
        "disgust": 63,
        "repression": 27,
        "others": 99,
    }
    with pytest.raises(StoreError, match=r"30 clips \(.*\), but the scheme 5-class has 246 clips"):
        require_fit(_with_its_identity(clean))


@pytest.mark.parametrize("state", ["2014 (part)", "unheard of"])
def test_where_no_number_is_known_none_is_asked_for(clean: Content, state: str) -> None:
    clean["drawn"], clean["states"] = False, {"casme2": state}
    clean["description"]["datasets"] = {"casme2": ["", {}]}
    require_fit(_with_its_identity(clean))
    clean["description"]["datasets"] = {"somebodys": ["", {}]}
    require_fit(_with_its_identity(clean))


def test_a_composite_adds_the_numbers_of_its_datasets(clean: Content) -> None:
    clean["description"].update(
        datasets={"casme2": ["", {}], "samm": ["", {}]},
        scheme="3-class-megc2019",
        classes=["negative", "positive", "surprise"],
    )
    from merbench.registry import datasets

    samm_state = next(iter(datasets.get("samm").scheme("3-class-megc2019").counts))
    clean["states"] = {"casme2": "2014", "samm": samm_state}
    record = RunRecord.from_dict(clean, "clean")
    assert expected_counts(record) == {"negative": 180, "positive": 58, "surprise": 40}


def test_records_of_one_task_must_be_of_the_same_clips(content: Give) -> None:
    other = content("random-0")
    other["keys"][0][0] += "0"
    with pytest.raises(StoreError, match="is not in both"):
        require_agreement([record_of("a", content("majority")), record_of("b", other)])
    require_agreement([record_of("a", content("majority")), record_of("c", content("three"))])


@pytest.mark.parametrize("name", ["identity", "group"])
def test_an_identity_that_the_description_does_not_give_is_refused(clean: Content, name: str) -> None:
    with pytest.raises(StoreError, match=f"its {name} is 0123456789abcdef, but its description gives"):
        require_fit(record_of("a", {**clean, name: "0123456789abcdef"}))


def test_a_seed_that_was_written_over_is_refused(clean: Content) -> None:
    clean["description"]["seed"] = 7
    with pytest.raises(StoreError, match="its identity is"):
        require_fit(record_of("a", clean))


def test_tuned_without_tuning_is_refused(clean: Content) -> None:
    with pytest.raises(StoreError, match="it says that it was tuned, but its description does not say how"):
        require_fit(record_of("a", {**clean, "tuned": "nested, 6 trials"}))


def test_the_same_predictions_are_no_second_seed(clean: Content) -> None:
    one = record_of("a", clean)
    description = one.description.updated(seed=1)
    other = one.updated(description=description, identity=description.identity).named("b")
    require_fit(other)
    with pytest.raises(StoreError, match="a and b: seeds 0 and 1 have the same probabilities"):
        require_agreement([one, other])
