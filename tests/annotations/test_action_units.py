"""Action-unit cells: what the annotators write, what re-saved copies make of it, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merbench.annotations.action_units import ActionUnit, parse, simplified, written
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


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("12C", "12"),
        ("R14", "R14"),
        ("10R", "R10"),
        ("4R+7", "R4+7"),
        ("12L", "L12"),
        ("12AL", "L12"),
        ("A12", "12"),
        ("T23", "23"),
        ("T/B23", "23"),
        ("B25", "25"),
        ("10A/B", "10"),
        ("A/L12", "L12"),
        ("L12 or L14", "L12"),
        ("R14A or 17A or 24A", "R14"),
        ("(R6 or R12)+R15", "R6+R15"),
        ("R15+(R6 or R12)", "R15+R6"),
        ("R14+17+soft focus", "R14+17"),
        ("12+15 ", "12+15"),
        ("L12 + 61", "L12+61"),
        ("7B+ ref(43)", "7"),
        ("ref(6)+12", "12"),
        ("12 ref(6)", "12"),
        ("4,7,", "4+7"),
        ("1, L2\uff0c10 ,", "1+L2+10"),
        ("13?", "13"),
        ("4,R13?\uff0c", "4+R13"),
        ("(4,7)+L10", "4+7+L10"),
        ("(4+7)+L10", "4+7+L10"),
        ("4+4", "4"),
        ("L10R", "10"),
        ("12", "12"),
        ("", ""),
        ("?", ""),
        ("nan", ""),
        ("AD31", "31"),
        ("4+AD38/39+M57", "4+38+57"),
        ("AU4+AU L7", "4+L7"),
        ("AU4(k)+L7", "L7"),
        ("L7 + AU4 (k)+12", "L7+12"),
        ("R4(k)", ""),
        ("AU4(k)+AU7(k)", ""),
        ("14(k)+4", "4"),
    ],
)
def test_fuller_notations_come_down_to_the_plain_one(cell: str, plain: str) -> None:
    assert simplified(cell) == plain
    assert written(parse(plain)) == plain


@pytest.mark.parametrize(
    "cell",
    [
        *("4+", "+4", "4++7", "X12", "12X", "4,,7", ",4", ",", "4??", "123", "4 or", "soft focus"),
        *("(4", "((4))", "(" * 9999, "-4", "٤"),
        *("AD", "AX31", "(k)", "4+(k)"),
    ],
)
def test_what_is_no_fuller_notation_is_refused(cell: str) -> None:
    with pytest.raises(AnnotationError, match="Action units"):
        simplified(cell)


@given(st.lists(UNITS, max_size=6))
def test_a_plain_cell_simplifies_to_its_units_once_each(units: list[ActionUnit]) -> None:
    assert parse(simplified(written(units))) == tuple(dict.fromkeys(units))


@given(st.text() | st.text("LRABT0123456789+/() orefE?,\uff0c", max_size=16))
def test_what_simplifies_can_be_read(text: str) -> None:
    try:
        plain = simplified(text)
    except AnnotationError:
        return
    parse(plain)
