"""Ranks, worked by hand: methods that cannot be told apart share one, and few subjects separate nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from merbench.leaderboard.ranking import least_subjects, ranking
from merbench.metrics import scores
from merbench.results.record import Record
from merbench.results.seed_groups import Group


def group(name: str, right: Sequence[int], clips: int = 4, leaky: bool = False) -> Group:
    """A method that has so many clips of each subject right, half of a subject's clips being of either class."""
    truth = [[0, 1] * (clips // 2) for _ in right]
    predicted = [
        [t if i < hits else 1 - t for i, t in enumerate(fold)] for hits, fold in zip(right, truth, strict=True)
    ]
    content = {
        "description": {"classes": ["a", "b"], "seed": 0},
        "keys": [[f"data/{s:02}/{clip}/0" for clip in range(clips)] for s in range(len(right))],
        "truth": truth,
        "by_rule": {"last": {"probabilities": [[[1.0 - p, float(p)] for p in fold] for fold in predicted]}},
        "leaky": leaky,
    }
    import numpy as np

    folds = [(np.array(t), np.array(p)) for t, p in zip(truth, predicted, strict=True)]
    record = Record(name=name, content=content, scores={"last": scores(folds, 2)}, parts={})
    return Group(name=name, records=(record,))


def ranks(groups: Sequence[Group]) -> dict[str, int | None]:
    return {row.group.name: row.rank for row in ranking(groups).rows}


def test_worked_by_hand() -> None:
    # Eight subjects. best beats poor and worst in every one: p = 2/256 each. close differs from best in a single
    # subject: p = 1. Holm against best: 3 x 0.0078 = 0.023, so poor and worst are below best; close is not.
    # close beats poor and worst: 2 x 0.0078 = 0.016. poor beats worst in every subject too: 0.0078.
    found = {
        "best": group("best", [4] * 8),
        "close": group("close", [4] * 7 + [3]),
        "poor": group("poor", [2] * 8),
        "worst": group("worst", [0] * 8),
    }
    assert ranks(list(found.values())) == {"best": 1, "close": 1, "poor": 3, "worst": 4}
    rows = ranking(list(found.values())[::-1]).rows
    assert [row.p_best for row in rows] == [None, 1.0, pytest.approx(6 / 256), pytest.approx(6 / 256)]


def test_methods_that_cannot_be_told_apart_share_rank_one() -> None:
    found = [group("a", [3, 2, 3, 2, 3, 2, 3, 2]), group("b", [2, 3, 2, 3, 2, 3, 2, 3]), group("c", [3, 2] * 4)]
    assert set(ranks(found).values()) == {1}


def test_with_too_few_subjects_nothing_is_ranked() -> None:
    found = ranking([group("a", [4] * 5), group("b", [0] * 5)])
    assert not found.separable
    assert found.least == 6
    assert [(row.group.name, row.rank) for row in found.rows] == [("a", None), ("b", None)]
    assert ranks([group("a", [4] * 6), group("b", [0] * 6)]) == {"a": 1, "b": 2}


@pytest.mark.parametrize(("comparisons", "least"), [(0, 1), (1, 6), (2, 7), (3, 7), (4, 8), (10, 9), (20, 10)])
def test_the_least_number_of_subjects(comparisons: int, least: int) -> None:
    assert least_subjects(comparisons) == least


def test_a_leaky_protocol_ranks_nothing() -> None:
    found = ranking([group("z", [4] * 8, leaky=True), group("a", [0] * 8, leaky=True)])
    assert [(row.group.name, row.rank) for row in found.rows] == [("a", None), ("z", None)]


def test_a_method_alone_is_first() -> None:
    assert ranks([group("a", [1, 2, 3])]) == {"a": 1}
