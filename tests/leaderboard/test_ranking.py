"""Ranks, worked by hand: methods that cannot be told apart share one, and few subjects separate nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from merbench.analysis.statistics.pairs import least_subjects
from merbench.leaderboard.ranking import ranking
from merbench.results.description import Description
from merbench.results.record import RuleResult, RunRecord
from merbench.results.seed_groups import Group


def group(name: str, right: Sequence[int], clips: int = 4, leaky: bool = False) -> Group:
    """A method that has so many clips of each subject right, half of a subject's clips being of either class."""
    truth = [[0, 1] * (clips // 2) for _ in right]
    predicted = [
        [t if i < hits else 1 - t for i, t in enumerate(fold)] for hits, fold in zip(right, truth, strict=True)
    ]
    rows = [[[1.0 - p, float(p)] for p in fold] for fold in predicted]
    record = RunRecord.model_construct(
        description=Description.model_construct(classes=("a", "b"), seed=0, tuning=None),
        keys=tuple(tuple(f"data/{s:02}/{clip}/0" for clip in range(clips)) for s in range(len(right))),
        truth=truth,
        by_rule={"last": RuleResult.model_construct(probabilities=rows)},
        leaky=leaky,
        has_epochs=False,
    ).named(name)
    return Group(name=name, records=(record,))


def ranks(groups: Sequence[Group]) -> dict[str, int | None]:
    return {row.group.name: row.rank for row in ranking(groups).rows}


def test_worked_by_hand() -> None:
    # Eight subjects, six pairs. best beats poor and worst by the same in every subject: p is the least there is, 2/256,
    # and 6 x 0.0078 = 0.047 after Holm. close differs from best in a single subject, and beats poor and worst as best.
    found = {
        "best": group("best", [4] * 8),
        "close": group("close", [4] * 7 + [3]),
        "poor": group("poor", [2] * 8),
        "worst": group("worst", [0] * 8),
    }
    assert ranks(list(found.values())) == {"best": 1, "close": 1, "poor": 3, "worst": 4}
    rows = ranking(list(found.values())[::-1]).rows
    assert [(row.group.name, row.letters) for row in rows] == [
        ("best", "a"), ("close", "a"), ("poor", "b"), ("worst", "c"),
    ]  # fmt: skip


def test_seeds_that_are_missing_leave_a_method_without_a_rank() -> None:
    trained = group("trained", [4] * 8)
    once = Group(name="trained", records=(trained.first.model_copy(update={"has_epochs": True}),))
    rows = ranking([once, group("poor", [2] * 8), group("worst", [0] * 8)]).rows
    assert [(row.rank, row.missing) for row in rows] == [(None, "2 more seeds to be ranked"), (1, ""), (2, "")]


def test_methods_that_cannot_be_told_apart_share_rank_one() -> None:
    found = [group("a", [3, 2, 3, 2, 3, 2, 3, 2]), group("b", [2, 3, 2, 3, 2, 3, 2, 3]), group("c", [3, 2] * 4)]
    assert set(ranks(found).values()) == {1}


def test_with_too_few_subjects_nothing_is_ranked() -> None:
    found = ranking([group("a", [4] * 5), group("b", [0] * 5)])
    assert found.limits.startswith("With 5 subjects no p is below 0.0625")
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
