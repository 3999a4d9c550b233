"""Scores by part against those of the part's clips alone."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from merbench.metrics import keys_by_subset, labels_within, scores, subset_scores

labels = st.integers(0, 2)


@given(st.lists(st.lists(st.tuples(labels, labels, st.sampled_from("xyz")), min_size=1), min_size=1))
def test_a_parts_scores_are_pooled_over_its_own_clips(folds: list[list[tuple[int, int, str]]]) -> None:
    keys = [[f"{number}/{place}" for place in range(len(fold))] for number, fold in enumerate(folds)]
    pairs = [(np.array([t for t, _, _ in fold]), np.array([p for _, p, _ in fold])) for fold in folds]
    part_of = {
        key: row[2] for names, fold in zip(keys, folds, strict=True) for key, row in zip(names, fold, strict=True)
    }
    parts = keys_by_subset(part_of)
    found = subset_scores(parts, keys, pairs, 3)
    rows = [row for fold in folds for row in fold]
    assert sorted(found) == sorted({row[2] for row in rows})
    for part, scored in found.items():
        own = [row for row in rows if row[2] == part]
        alone = scores([(np.array([t for t, _, _ in own]), np.array([p for _, p, _ in own]))], 3)
        assert (scored.uf1, scored.f1, scored.support) == (alone.uf1, alone.f1, alone.support)
    assert sum(sum(scored.support) for scored in found.values()) == len(rows)


def test_a_fold_without_clips_of_the_part_falls_away() -> None:
    one, two = (np.array([0, 1]), np.array([0, 0])), (np.array([1]), np.array([1]))
    [(truth, predicted)] = labels_within(["a"], [["b", "a"], ["c"]], [one, two])
    assert truth.tolist() == [1]
    assert predicted.tolist() == [0]


def test_parts_are_sorted_whatever_the_order() -> None:
    assert keys_by_subset({"k2": "b", "k3": "a", "k1": "b"}) == {"a": ["k3"], "b": ["k1", "k2"]}
    assert keys_by_subset({}) == {}
