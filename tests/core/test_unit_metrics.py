"""Scores of multi-label predictions against scikit-learn and against printed numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from merbench.errors import UnknownName, UsageError
from merbench.task_kinds import MULTI_LABEL, SINGLE_LABEL, kind_named, require_metric
from merbench.task_kinds.unit_metrics import mean_f1, presence_f1, two_sided_f1, unit_confusion, unit_scores

#: Of CD6ME, by unit: the clips that have it, of 2,031, and F1 of a constant "yes" in percent, both as the notebooks of
#: github.com/tvaranka/meb print them (Table 4; Constant).
CD6ME = {
    1: (304, 26.04), 2: (280, 24.23), 4: (708, 51.7), 5: (134, 12.38), 6: (60, 5.74), 7: (252, 22.08), 9: (117, 10.89),
    10: (75, 7.12), 12: (176, 15.95), 14: (277, 24.0), 15: (52, 4.99), 17: (86, 8.12),
}  # fmt: skip
CLIPS = 2031


def drawn(seed: int, clips: int = 40, units: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Truth and predictions with a unit that is never present, one never predicted, and one that is neither."""
    generator = np.random.default_rng(seed)
    truth, predicted = generator.integers(0, 2, (2, clips, units))
    truth[:, 0] = predicted[:, 1] = truth[:, 2] = predicted[:, 2] = 0
    return truth, predicted


@given(st.integers(0, 10_000), st.integers(1, 30))
def test_f1_precision_recall_and_accuracy_are_scikit_learns(seed: int, clips: int) -> None:
    truth, predicted = drawn(seed, clips)
    scores = unit_scores([(truth, predicted)])
    f1 = reference.f1_score(truth, predicted, average=None, zero_division=0)
    assert scores.f1 == pytest.approx(tuple(f1), abs=1e-12)
    assert scores.mean_f1 == pytest.approx(
        reference.f1_score(truth, predicted, average="macro", zero_division=0), abs=1e-12
    )
    assert scores.accuracy == pytest.approx(reference.accuracy_score(truth, predicted), abs=1e-12)
    for name, function in (("precision", reference.precision_score), ("recall", reference.recall_score)):
        expected = function(truth, predicted, average=None, zero_division=np.nan)
        assert getattr(scores, name) == pytest.approx(tuple(expected), abs=1e-12, nan_ok=True)
    assert scores.support == tuple(truth.sum(0))


@given(st.integers(0, 10_000))
def test_macro_f1_is_the_mean_over_units_of_scikit_learns(seed: int) -> None:
    truth, predicted = drawn(seed)
    expected = [reference.f1_score(truth[:, unit], predicted[:, unit], average="macro") for unit in range(5)]
    assert unit_scores([(truth, predicted)]).macro_f1 == pytest.approx(float(np.mean(expected)), abs=1e-12)


def test_counts_are_pooled_over_folds_and_the_fold_mean_is_apart() -> None:
    one, two = drawn(1, 10), drawn(2, 30)
    scores = unit_scores([one, two])
    together = unit_scores([tuple(map(np.concatenate, zip(one, two, strict=True)))])  # type: ignore[arg-type]
    apart = [unit_scores([fold]).mean_f1 for fold in (one, two)]
    assert scores.mean_f1 == pytest.approx(together.mean_f1)
    assert scores.fold_mean_f1 == pytest.approx(np.mean(apart))
    assert scores.mean_f1 != pytest.approx(scores.fold_mean_f1)
    averaged = unit_scores([one, two], averaged=True)
    assert averaged.mean_f1 == pytest.approx(np.mean(apart)) == mean_f1([one, two], averaged=True)


def test_a_constant_yes_gives_the_printed_row_of_the_benchmark() -> None:
    truth = np.array([[int(clip < count) for count, _ in CD6ME.values()] for clip in range(CLIPS)])
    scores = unit_scores([(truth, np.ones_like(truth))])
    assert [round(100 * value, 2) for value in scores.f1] == [printed for _, printed in CD6ME.values()]
    assert (round(100 * scores.mean_f1, 2), round(100 * scores.macro_f1, 2)) == (17.77, 8.89)


def test_the_functions_take_several_draws_of_counts_at_once() -> None:
    truth, predicted = drawn(3)
    counts = unit_confusion(truth, predicted)
    stacked = np.stack([counts, 2 * counts])
    assert np.allclose(presence_f1(stacked), presence_f1(counts))
    assert np.allclose(two_sided_f1(stacked), two_sided_f1(counts))


def test_predictions_are_above_one_half_and_texts_come_back() -> None:
    classes = ("AU1", "AU2")
    predicted = MULTI_LABEL.predicted(np.array([[0.5, 0.51], [0.2, 0.1]], dtype=np.float32))
    assert predicted.tolist() == [[0, 1], [0, 0]]
    texts = [MULTI_LABEL.text(row, classes) for row in predicted]
    assert texts == ["AU2", "none"]
    assert MULTI_LABEL.encoded(texts, classes).tolist() == predicted.tolist()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([[0.5, 1.2]], "must not be above 1"),
        ([[0.5, -0.1]], "must not be negative"),
        ([[0.5]], r"must be \(clip class\)"),
        ([[0.5, np.nan]], "finite"),
    ],
)
def test_what_is_no_probability_is_named(values: list[list[float]], said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(MULTI_LABEL.probability_fault(values, 1, 2))


def test_probabilities_of_units_need_not_sum_to_one_but_those_of_classes_must() -> None:
    assert MULTI_LABEL.probability_fault([[0.9, 0.8]], 1, 2) == ""
    assert "sum to 1" in SINGLE_LABEL.probability_fault([[0.9, 0.8]], 1, 2)


def test_truth_of_the_other_kind_is_no_truth() -> None:
    assert "2 units" in MULTI_LABEL.truth_fault(np.array([0, 1]), 2, 2)
    assert "0 or 1" in MULTI_LABEL.truth_fault(np.array([[0, 2]]), 1, 2)
    assert "2 clips" in SINGLE_LABEL.truth_fault(np.array([[0, 1], [1, 0]]), 2, 2)


def test_log_loss_of_units_is_scikit_learns() -> None:
    truth, _ = drawn(4)
    probabilities = np.random.default_rng(5).random(truth.shape).astype(np.float32)
    expected = reference.log_loss(truth.ravel(), probabilities.ravel().astype(float))
    assert MULTI_LABEL.log_loss(probabilities, truth) == pytest.approx(expected, abs=1e-6)


def test_metrics_and_kinds_are_refused_by_name() -> None:
    assert (require_metric(MULTI_LABEL, ""), require_metric(SINGLE_LABEL, "")) == ("mean_f1", "uf1")
    with pytest.raises(UsageError, match="metric=uf1 is not possible: for multi-label tasks it must be one of mean_f1"):
        require_metric(MULTI_LABEL, "uf1")
    with pytest.raises(UnknownName, match="multi-label"):
        kind_named("multi-labels")
