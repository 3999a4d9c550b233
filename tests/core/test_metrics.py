"""Scores against scikit-learn, against numbers worked by hand, and over folds that lack classes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from merbench.metrics import Labels, combined_uf1, confusion, f1_by_class, pooled_uf1, recall_by_class, scores

Folds = list[tuple[Labels, Labels]]


def fold(truth: list[int], predicted: list[int]) -> tuple[Labels, Labels]:
    return np.array(truth, dtype=np.int64), np.array(predicted, dtype=np.int64)


@st.composite
def predictions(draw: st.DrawFn) -> tuple[Folds, int]:
    """Folds of 1 to 12 clips and a number of classes; classes are often absent or never predicted."""
    classes = draw(st.integers(2, 7))
    label = st.integers(0, classes - 1)
    clips = st.lists(st.tuples(label, label), min_size=1, max_size=12)
    folds = draw(st.lists(clips, min_size=1, max_size=5))
    return [fold([t for t, _ in pairs], [p for _, p in pairs]) for pairs in folds], classes


def pooled(folds: Folds) -> tuple[Labels, Labels]:
    return np.concatenate([truth for truth, _ in folds]), np.concatenate([predicted for _, predicted in folds])


def macro_f1(truth: Labels, predicted: Labels, labels: list[int]) -> float:
    return float(reference.f1_score(truth, predicted, labels=labels, average="macro", zero_division=0))


@settings(max_examples=50)
@given(case=predictions())
def test_pooled_scores_equal_those_of_scikit_learn(case: tuple[Folds, int]) -> None:
    folds, classes = case
    truth, predicted = pooled(folds)
    found, labels = scores(folds, classes), list(range(classes))
    assert found.uf1 == pytest.approx(macro_f1(truth, predicted, labels))
    assert found.accuracy == pytest.approx(reference.accuracy_score(truth, predicted))
    weighted = reference.f1_score(truth, predicted, labels=labels, average="weighted", zero_division=0)
    assert found.weighted_f1 == pytest.approx(weighted)
    present = sorted(set(truth.tolist()))
    uar = reference.recall_score(truth, predicted, labels=present, average="macro", zero_division=0)
    assert found.uar == pytest.approx(uar)


@settings(max_examples=50)
@given(case=predictions())
def test_scores_by_class_equal_those_of_scikit_learn(case: tuple[Folds, int]) -> None:
    folds, classes = case
    truth, predicted = pooled(folds)
    found, labels = scores(folds, classes), list(range(classes))
    _, _, _, support = reference.precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
    assert found.support == tuple(support)
    assert found.f1 == pytest.approx(
        reference.f1_score(truth, predicted, labels=labels, average=None, zero_division=0).tolist()
    )
    recall = reference.recall_score(truth, predicted, labels=labels, average=None, zero_division=np.nan)
    np.testing.assert_allclose(found.recall, recall)
    matrix = reference.confusion_matrix(truth, predicted, labels=labels)
    np.testing.assert_array_equal(confusion(truth, predicted, classes), matrix)


@settings(max_examples=30)
@given(case=predictions())
def test_means_of_folds_equal_the_mean_of_scikit_learns_scores(case: tuple[Folds, int]) -> None:
    folds, classes = case
    found = scores(folds, classes)
    assert found.fold_mean_accuracy == pytest.approx(np.mean([reference.accuracy_score(*pair) for pair in folds]))
    everything = list(range(classes))
    assert found.fold_mean_f1_absent_zero == pytest.approx(np.mean([macro_f1(*pair, everything) for pair in folds]))
    # without `labels`, scikit-learn averages over what is true or predicted
    present = [reference.f1_score(*pair, average="macro", zero_division=0) for pair in folds]
    assert found.fold_mean_f1_present == pytest.approx(np.mean(present))


def test_uar_equals_balanced_accuracy_where_every_class_has_clips() -> None:
    draws = np.random.default_rng(1)
    truth, predicted = np.resize(np.arange(5), 60), draws.integers(0, 5, 60)
    found = scores([(truth, predicted)], 5)
    assert found.uar == pytest.approx(reference.balanced_accuracy_score(truth, predicted))


def test_a_case_worked_by_hand() -> None:
    found = scores([fold([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 2, 0])], 3)
    assert found.f1 == pytest.approx((2 / 3, 1 / 2, 0))  # 4/6, 2/4, 0/2
    assert found.recall == pytest.approx((2 / 3, 1 / 2, 0))
    assert found.support == (3, 2, 1)
    assert found.uf1 == pytest.approx(7 / 18)
    assert found.uar == pytest.approx(7 / 18)
    assert found.accuracy == pytest.approx(1 / 2)
    assert found.weighted_f1 == pytest.approx((3 * 2 / 3 + 2 * 1 / 2) / 6)


def test_a_class_without_clips_counts_0_in_uf1_and_not_at_all_in_uar() -> None:
    found = scores([fold([0, 1], [0, 1])], 3)
    assert found.uf1 == pytest.approx(2 / 3)
    assert found.uar == 1
    assert found.f1[2] == 0
    assert np.isnan(found.recall[2])


def test_a_class_never_predicted_counts_0() -> None:
    found = scores([fold([0, 0, 1], [0, 0, 0])], 2)
    assert found.f1 == pytest.approx((4 / 5, 0))
    assert found.recall == (1, 0)


def test_one_class_folds_pool_to_the_scores_of_all_clips() -> None:
    found = scores([fold([0, 0], [0, 0]), fold([1], [1]), fold([2], [0])], 3)
    assert found.f1 == pytest.approx((4 / 5, 1, 0))
    assert found.fold_mean_f1_absent_zero == pytest.approx((1 / 3 + 1 / 3 + 0) / 3)
    assert found.fold_mean_f1_present == pytest.approx((1 + 1 + 0) / 3)
    assert found.fold_mean_accuracy == pytest.approx(2 / 3)


def test_a_fold_of_one_clip_weighs_like_any_other_in_a_mean_of_folds() -> None:
    found = scores([fold([0] * 5 + [1] * 4, [0] * 9), fold([1], [1])], 2)
    assert found.accuracy == pytest.approx(6 / 10)
    assert found.fold_mean_accuracy == pytest.approx((5 / 9 + 1) / 2)


def test_accuracy_of_three_quarters_becomes_0_813_as_a_mean_of_folds() -> None:
    hard = fold([0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 1, 0, 0, 0])
    found = scores([hard, fold([0, 0, 1, 1], [0, 0, 1, 1])], 2)
    assert f"{found.accuracy:.3f}" == "0.750"
    assert found.fold_mean_accuracy == 0.8125  # 0.813 in print
    assert found.uf1 != pytest.approx(found.fold_mean_f1_absent_zero)


@given(case=predictions())
def test_perfect_predictions_reach_the_share_of_classes_in_each_fold(case: tuple[Folds, int]) -> None:
    folds, classes = case
    found = scores([(truth, truth) for truth, _ in folds], classes)
    assert found.fold_mean_f1_absent_zero == pytest.approx(np.mean([len(set(t.tolist())) / classes for t, _ in folds]))
    assert found.fold_mean_f1_present == 1
    assert found.accuracy == found.uar == found.fold_mean_accuracy == 1
    assert found.uf1 == pytest.approx(len(set(pooled(folds)[0].tolist())) / classes)


@given(case=predictions())
def test_pooled_scores_do_not_depend_on_how_clips_fall_into_folds(case: tuple[Folds, int]) -> None:
    folds, classes = case
    apart, together = scores(folds, classes), scores([pooled(folds)], classes)
    assert (apart.uf1, apart.accuracy, apart.weighted_f1, apart.f1) == (
        together.uf1,
        together.accuracy,
        together.weighted_f1,
        together.f1,
    )
    assert pooled_uf1(*pooled(folds), classes) == apart.uf1


def test_counts_of_nothing_give_zeros_and_nan_without_a_warning() -> None:
    nothing = confusion(*fold([], []), 3)
    assert f1_by_class(nothing).tolist() == [0, 0, 0]
    assert np.isnan(recall_by_class(nothing)).all()


def test_an_average_of_two_directions_worked_by_hand() -> None:
    there = fold([0, 0, 1, 1, 2], [0, 1, 1, 1, 2])  # F1 2/3, 4/5, 1; recall 1/2, 1, 1
    back = fold([0, 1], [0, 0])  # F1 2/3, 0, 0; recall 1, 0, none
    found = scores([there, back], 3, averaged=True)
    one, other = (2 / 3 + 4 / 5 + 1) / 3, (2 / 3 + 0 + 0) / 3
    assert found.uf1 == pytest.approx((one + other) / 2)
    assert found.uf1 != pytest.approx(scores([there, back], 3).uf1)
    assert found.uar == pytest.approx(((1 / 2 + 1 + 1) / 3 + (1 + 0) / 2) / 2)
    assert found.accuracy == pytest.approx((4 / 5 + 1 / 2) / 2)
    assert found.weighted_f1 == pytest.approx(((2 * 2 / 3 + 2 * 4 / 5 + 1) / 5 + (2 / 3) / 2) / 2)
    assert found.f1 == pytest.approx((2 / 3, 2 / 5, 1 / 2))
    assert found.recall == pytest.approx((3 / 4, 1 / 2, 1))
    assert found.support == (3, 3, 1)


@given(case=predictions())
def test_averaged_scores_are_the_mean_of_each_folds_pooled_ones(case: tuple[Folds, int]) -> None:
    folds, classes = case
    alone = [scores([each], classes) for each in folds]
    found = scores(folds, classes, averaged=True)
    for name in ("uf1", "uar", "accuracy", "weighted_f1"):
        assert getattr(found, name) == pytest.approx(np.mean([getattr(each, name) for each in alone]))
    assert found.support == scores(folds, classes).support
    assert found.uf1 == pytest.approx(combined_uf1(folds, classes, averaged=True))
    assert combined_uf1(folds, classes) == scores(folds, classes).uf1


def test_a_class_without_clips_in_any_fold_has_no_recall_in_an_average_either() -> None:
    found = scores([fold([0], [0]), fold([0, 1], [0, 1])], 3, averaged=True)
    assert found.recall[:2] == (1, 1)
    assert np.isnan(found.recall[2])
