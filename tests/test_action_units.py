"""Action-unit cells: what the annotators write, what re-saved copies make of it, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merbench.action_units import ActionUnit, parse, written
from merbench.errors import AnnotationError

UNITS = st.builds(ActionUnit, st.integers(0, 99), st.sampled_from([None, "L", "R"]))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("4+7+L10", [(4, None), (7, None), (10, "L")]),
        ("1+R2+25", [(1, None), (2, "R"), (25, None)]),
        ("12", [(12, None)]),
        (12, [(12, None)]),
        (12.0, [(12, None)]),
        ("12.0", [(12, None)]),
        (" L14 ", [(14, "L")]),
        ("4 + 7", [(4, None), (7, None)]),
        ("7+4", [(7, None), (4, None)]),
    ],
)
def test_the_written_units_come_back_in_order(cell: object, expected: list[tuple[int, str | None]]) -> None:
    assert [(unit.number, unit.side) for unit in parse(cell)] == expected


@pytest.mark.parametrize("cell", ["", "  ", "?", None, float("nan"), "nan", "None", "<NA>"])
def test_what_was_not_coded_has_no_units(cell: object) -> None:
    assert parse(cell) == ()


@pytest.mark.parametrize(
    ("cell", "token"),
    [
        ("4+x", "x"),
        ("4+", ""),
        ("+", ""),
        ("X10", "X10"),
        ("4,7", "4,7"),
        ("-4", "-4"),
        (4.5, "4.5"),
        ("٤", "٤"),
        ("123", "123"),
    ],
)
def test_what_is_no_unit_is_refused_by_name(cell: object, token: str) -> None:
    with pytest.raises(AnnotationError) as refusal:
        parse(cell)
    assert f"Action units {str(cell)!r}: {token!r} is no action unit; expected numbers joined by '+'" in str(
        refusal.value
    )


@given(st.lists(UNITS, max_size=6))
def test_reading_undoes_writing(units: list[ActionUnit]) -> None:
    assert parse(written(units)) == tuple(units)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        units = parse(text)
    except AnnotationError:
        return
    assert all(0 <= unit.number <= 99 for unit in units)
