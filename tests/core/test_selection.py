"""Which epoch each rule chooses, on probabilities made by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from merbench.errors import UsageError
from merbench.metrics import Labels, scores
from merbench.selection import (
    RANKED,
    RULES,
    Inner,
    Probabilities,
    inner_epoch,
    inner_subjects,
    last_epoch,
    log_loss,
    oracle_epoch,
    read_rules,
)

TRUTH = np.array([0, 0, 1, 1])


def sure(*epochs: list[int], share: float = 0.9) -> Probabilities:
    """Probabilities `(epoch clip class)` of two classes that give `share` to the named class."""
    chosen = np.eye(2, dtype=np.float32)[np.array(epochs)]
    return np.float32(1 - share) + chosen * np.float32(2 * share - 1)


def test_last_is_the_last_epoch() -> None:
    assert last_epoch(sure([0, 0, 1, 1], [1, 1, 0, 0], [0, 1, 0, 1])) == 2
    assert last_epoch(sure([0, 0, 1, 1])) == 0


def test_oracle_takes_the_highest_accuracy_and_of_equals_the_earliest() -> None:
    none, half, all_right = [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1]
    assert oracle_epoch(sure(none, all_right, half), TRUTH) == 1
    assert oracle_epoch(sure(none, half, [1, 1, 1, 1]), TRUTH) == 1
    assert oracle_epoch(sure(none, none), TRUTH) == 0


def test_oracle_looks_at_accuracy_and_not_at_uf1() -> None:
    truth = np.array([0, 0, 0, 1])
    one_class, both = [0, 0, 0, 0], [0, 1, 1, 1]
    assert oracle_epoch(sure(both, one_class), truth) == 1


def test_inner_takes_the_highest_uf1_and_not_the_highest_accuracy() -> None:
    truth = np.array([0] * 8 + [1] * 2)
    one_class = [0] * 10  # accuracy 0.8, UF1 0.44
    both = [0] * 5 + [1] * 5  # accuracy 0.7, UF1 0.67
    assert inner_epoch(Inner(probabilities=sure(one_class, both, one_class), truth=truth)) == 1


def test_inner_breaks_ties_by_log_loss_and_then_to_the_earlier() -> None:
    right = [0, 0, 1, 1]
    hesitant, certain = sure(right, share=0.6), sure(right, share=0.9)
    assert inner_epoch(Inner(probabilities=np.concatenate([hesitant, certain, hesitant]), truth=TRUTH)) == 1
    assert inner_epoch(Inner(probabilities=np.concatenate([hesitant, certain, certain]), truth=TRUTH)) == 1


@settings(max_examples=50)
@given(
    truth=st.lists(st.integers(0, 2), min_size=1, max_size=12),
    seed=st.integers(0, 2**16),
)
def test_log_loss_equals_scikit_learns(truth: list[int], seed: int) -> None:
    drawn = np.random.default_rng(seed).dirichlet(np.ones(3), len(truth)).clip(1e-4)
    probabilities = (drawn / drawn.sum(1, keepdims=True)).astype(np.float32)
    wide = probabilities.astype(np.float64)
    expected = reference.log_loss(truth, wide / wide.sum(1, keepdims=True), labels=[0, 1, 2])
    assert log_loss(probabilities, np.array(truth)) == pytest.approx(expected, abs=1e-6)


def test_log_loss_of_an_impossible_truth_is_finite() -> None:
    assert log_loss(np.array([[0, 1]], dtype=np.float32), np.array([0])) == pytest.approx(-np.log(1e-7))


@pytest.mark.parametrize(
    ("subjects", "kept_back"),
    [
        (["a"], ("a",)),
        (["b", "a", "b"], ("b",)),
        (list("dcba"), ("d",)),
        (list("edcba"), ("e",)),
        (list("fedcba"), ("e",)),
        ([f"{number:02d}" for number in range(1, 13)], ("05", "10")),
    ],
)
def test_inner_keeps_back_every_fifth_subject_in_sorted_order(subjects: list[str], kept_back: tuple[str, ...]) -> None:
    assert inner_subjects(subjects) == kept_back


@given(subjects=st.lists(st.sampled_from("abcdefghijkl"), min_size=1))
def test_subjects_kept_back_do_not_depend_on_order(subjects: list[str]) -> None:
    assert inner_subjects(subjects) == inner_subjects(subjects[::-1]) == inner_subjects([*subjects, *subjects])


def test_rules_are_read_in_their_own_order_and_once() -> None:
    assert read_rules("oracle, last ,last") == ("last", "oracle")
    assert read_rules("last,inner,oracle,") == RULES


@pytest.mark.parametrize("text", ["", ",", "best", "last,best", "Last"])
def test_rules_that_do_not_exist_are_refused(text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        read_rules(text)
    assert str(refusal.value) == (
        f"rules={text} is not possible: name some of last, inner, oracle, separated by commas."
    )


def test_oracle_is_never_ranked() -> None:
    assert RANKED == ("last", "inner")


def test_oracle_lifts_random_labels_far_above_their_last_epoch() -> None:
    draws = np.random.default_rng(3)
    sizes = np.full(68, 6)
    sizes[:34] += 1  # 442 clips
    truths: list[Labels] = [draws.integers(0, 3, size) for size in sizes]
    random = [np.eye(3, dtype=np.float32)[draws.integers(0, 3, (100, size))] for size in sizes]
    last = [(truth, drawn[last_epoch(drawn)].argmax(1)) for truth, drawn in zip(truths, random, strict=True)]
    oracle = [(truth, drawn[oracle_epoch(drawn, truth)].argmax(1)) for truth, drawn in zip(truths, random, strict=True)]
    assert sum(map(len, truths)) == 442
    assert scores(last, 3).uf1 == pytest.approx(1 / 3, abs=0.08)
    assert scores(oracle, 3).uf1 > 0.65
