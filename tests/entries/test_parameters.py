"""Typed parameters: what is read, what is refused, and in which words."""

import dataclasses
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merbench.entries.parameters import Parameters, parameter
from merbench.errors import EntryError, UsageError


@dataclass(frozen=True, kw_only=True)
class Mine(Parameters):
    """One parameter of each kind."""

    depth: int = parameter(2, "a choice", low=1, high=8)
    size: int = parameter(224, "a choice", low=32, step=16)
    share: float = parameter(0.5, "a choice", low=0.0, high=1.0)
    free: float = parameter(1.0, "a choice")
    heads: int = parameter(4, "a choice", choices=(1, 2, 4))
    motion: str = parameter("flow", "a choice", choices=("flow", "apex"))
    title: str = parameter("plain", "a choice")
    bias: bool = parameter(True, "a choice")


def refusal(name: str, value: object) -> str:
    with pytest.raises(UsageError) as refused:
        Mine().changed({name: value})
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("depth", "3", 3),
        ("depth", 3, 3),
        ("depth", "3.0", 3),
        ("depth", 3.0, 3),
        ("depth", 1, 1),
        ("depth", 8, 8),
        ("size", "64", 64),
        ("share", "1e-3", 0.001),
        ("share", 1, 1.0),
        ("share", "0", 0.0),
        ("heads", "2", 2),
        ("motion", "apex", "apex"),
        ("title", "7", "7"),
        ("bias", False, False),
    ],
)
def test_values_are_read_in_the_parameters_type(name: str, given: object, read: object) -> None:
    found = getattr(Mine().changed({name: given}), name)
    assert found == read
    assert type(found) is type(read)


@pytest.mark.parametrize("word", ["true", "yes", "on", "1", "True", "YES"])
def test_words_for_true(word: str) -> None:
    assert Mine(bias=False).changed({"bias": word}).bias is True


@pytest.mark.parametrize("word", ["false", "no", "off", "0", "False", "NO"])
def test_words_for_false(word: str) -> None:
    assert Mine().changed({"bias": word}).bias is False


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("depth", "0", "a whole number from 1 to 8"),
        ("depth", 9, "a whole number from 1 to 8"),
        ("depth", "2.5", "a whole number from 1 to 8"),
        ("depth", "two", "a whole number from 1 to 8"),
        ("depth", "", "a whole number from 1 to 8"),
        ("depth", True, "a whole number from 1 to 8"),
        ("depth", None, "a whole number from 1 to 8"),
        ("depth", "nan", "a whole number from 1 to 8"),
        ("size", 50, "a whole number from 32, divisible by 16"),
        ("size", 16, "a whole number from 32, divisible by 16"),
        ("share", "1.0001", "a number from 0 to 1"),
        ("share", -0.1, "a number from 0 to 1"),
        ("share", "nan", "a number from 0 to 1"),
        ("share", [0.5], "a number from 0 to 1"),
        ("free", "nan", "a number"),
        ("free", False, "a number"),
        ("heads", 3, "one of 1, 2, 4"),
        ("motion", "Flow", "one of flow, apex"),
        ("title", 7, "a text"),
        ("bias", "maybe", "a true/false"),
        ("bias", 2, "a true/false"),
    ],
)
def test_a_refusal_names_the_parameter_the_value_and_the_rule(name: str, value: object, rule: str) -> None:
    assert refusal(name, value) == f"{name}={value} is not possible: {name} must be {rule}."


@pytest.mark.parametrize("value", ["inf", "-inf", float("inf"), "1e999"])
@pytest.mark.parametrize("name", ["depth", "size", "share", "free"])
def test_infinity_is_no_number(name: str, value: object) -> None:
    assert refusal(name, value).startswith(f"{name}={value} is not possible: {name} must be ")


def test_whole_numbers_keep_every_digit() -> None:
    large = 2**60 + 1
    assert Mine(size=16 * large).size == 16 * large


def test_the_bounds_of_a_rule_are_given_in_full() -> None:
    declared = dataclasses.replace(Mine.declared()[0], low=0, high=2**31 - 1)
    assert declared.rule == "a whole number from 0 to 2147483647"


@given(value=st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())))
@pytest.mark.parametrize("name", Mine.names())
def test_any_value_is_read_in_range_or_refused(name: str, value: object) -> None:
    try:
        read = getattr(Mine().changed({name: value}), name)
    except UsageError as refused:
        assert str(refused).startswith(f"{name}=")  # noqa: PT017
    else:
        assert type(read) is type(getattr(Mine(), name))


def test_values_given_in_code_are_checked_too() -> None:
    with pytest.raises(UsageError, match="depth=99 is not possible"):
        Mine(depth=99)
    assert Mine(depth="3").depth == 3  # type: ignore[arg-type]


def test_declarations_come_in_the_order_of_the_class_body() -> None:
    assert tuple(declared.name for declared in Mine.declared()) == Mine.names() == tuple(Mine().values())
    assert [declared.kind for declared in Mine.declared()][-2:] == ["text", "true/false"]
    assert Mine().values()["depth"] == 2


def test_a_field_that_is_not_declared_is_refused() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Undeclared(Parameters):
        depth: int = 3

    with pytest.raises(EntryError, match=r"Undeclared\.depth is not declared with parameter\(default, reason\)"):
        Undeclared.declared()


def test_a_set_without_the_dataclass_decorator_is_refused() -> None:
    class Forgotten(Parameters):
        depth: int = parameter(3, "a choice")

    with pytest.raises(EntryError, match="Forgotten"):
        Forgotten.declared()


def test_a_set_is_frozen_and_a_change_leaves_it_as_it_was() -> None:
    given = Mine()
    with pytest.raises(dataclasses.FrozenInstanceError):
        given.depth = 3  # type: ignore[misc]
    assert given.changed({"depth": 3}) == Mine(depth=3)
    assert given.depth == 2


def test_a_set_of_its_own_has_nothing() -> None:
    assert Parameters().values() == {}
