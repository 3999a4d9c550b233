"""Letters and ranks say what they claim, for any significant pairs."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merbench.analysis.statistics.letters import compact_letters, tiers

PAIRS = st.integers(1, 8).flatmap(
    lambda methods: st.tuples(
        st.just(methods), st.sets(st.sampled_from(list(combinations(range(methods), 2)) or [(0, 0)]))
    )
).map(lambda drawn: (drawn[0], {pair for pair in drawn[1] if pair[0] < pair[1]}))  # fmt: skip


@given(PAIRS)
def test_two_share_a_letter_if_and_only_if_they_do_not_differ(table: tuple[int, set[tuple[int, int]]]) -> None:
    methods, significant = table
    letters = compact_letters(methods, significant)
    for pair in combinations(range(methods), 2):
        assert bool(set(letters[pair[0]]) & set(letters[pair[1]])) == (pair not in significant)
    assert all(letters)


@given(PAIRS)
def test_ranks_never_fall_and_claim_only_what_is_significant(table: tuple[int, set[tuple[int, int]]]) -> None:
    methods, significant = table
    ranks = tiers(methods, significant)
    assert ranks == sorted(ranks)
    for method, rank in enumerate(ranks):
        below = range(method, methods)
        better = [one for one in range(method) if all((one, other) in significant for other in below)]
        assert rank == 1 + len(better)


def test_worked_by_hand() -> None:
    # the published example of a display: 1 and 2 differ from 4, 1 from 3
    assert compact_letters(4, {(0, 2), (0, 3), (1, 3)}) == ["a", "ab", "bc", "c"]
    assert tiers(4, {(0, 2), (0, 3), (1, 3)}) == [1, 1, 2, 3]


def test_more_groups_than_letters() -> None:
    letters = compact_letters(30, set(combinations(range(30), 2)))
    assert letters[0] == "a"
    assert letters[25:28] == ["z", "aa", "ab"]
    assert len(set(letters)) == 30


@pytest.mark.parametrize("methods", [0, 1])
def test_tables_without_pairs(methods: int) -> None:
    assert compact_letters(methods, set()) == ["a"] * methods
    assert tiers(methods, set()) == [1] * methods
