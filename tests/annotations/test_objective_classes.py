"""The objective class of a set of action units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merbench.annotations.schemes import EVALUATED_OBJECTIVE_CLASSES, OBJECTIVE_CLASSES, objective_class


@pytest.mark.parametrize(
    ("numbers", "named"),
    [((12, 6), "I"), ((1, 2), "II"), ((4,), "III"), ((4, 9), "IV"), ((1, 4), "V"), ((1, 2, 4), "VI"), ((14,), "VII")],
)
def test_sets_that_the_rules_name(numbers: tuple[int, ...], named: str) -> None:
    assert objective_class(numbers) == named


@given(st.lists(st.integers(1, 46)))
def test_any_order_and_repetition_gives_one_class(numbers: list[int]) -> None:
    assert objective_class(numbers) == objective_class([*sorted(numbers), *numbers])
    assert objective_class(numbers) in (*OBJECTIVE_CLASSES, "VII")


def test_no_set_stands_under_two_classes() -> None:
    sets = [frozenset(units.split("+")) for every in OBJECTIVE_CLASSES.values() for units in every]
    assert len(set(sets)) == len(sets)
    assert tuple(OBJECTIVE_CLASSES)[:5] == EVALUATED_OBJECTIVE_CLASSES
