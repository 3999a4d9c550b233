"""What a reproduction may declare, and what it is refused for."""

from __future__ import annotations

from typing import Any

import pytest

from merbench.entries.reproduction import PrintedNumber, Reproduction, declared_reproductions
from merbench.errors import EntryError

PRINTED: dict[str, Any] = {
    "method": "Mine", "data": "CASME2", "metric": "UF1", "value": "0.71", "rule": "last",
    "evidence": "read in the paper", "source": "the paper, table 2",
}  # fmt: skip


def reproduction(printed: dict[str, Any] | None = None, **changed: Any) -> Reproduction:
    known: dict[str, Any] = {
        "name": "mine", "method": "mine", "datasets": ("casme2",), "rule": "last", "metric": "uf1", "clips": 145,
        "printed": PrintedNumber(**{**PRINTED, **(printed or {})}),
        "tolerance": 0.03, "tolerance_reason": "chosen here",
    }  # fmt: skip
    return Reproduction(**{**known, **changed})


@pytest.mark.parametrize(
    ("printed", "changed", "words"),
    [
        ({}, {"name": "other"}, "its name must be that of its method, mine"),
        ({}, {"tolerance": 0.0}, "a tolerance between 0 and 1"),
        ({}, {"datasets": ()}, "it needs datasets"),
        ({"rule": "oracle"}, {}, "judged under last, but the printed number is of oracle"),
        ({"rule": "unknown"}, {}, "the rule of the printed number is unknown; say so"),
    ],
)
def test_what_cannot_be_is_refused(printed: dict[str, Any], changed: dict[str, Any], words: str) -> None:
    with pytest.raises(EntryError, match=words):
        reproduction(printed, **changed)


def test_the_tolerance_is_met_on_both_sides() -> None:
    one = reproduction()
    assert [one.accepts(score) for score in (0.679, 0.681, 0.739, 0.741)] == [False, True, True, False]


def test_percent_is_compared_as_a_ratio() -> None:
    assert reproduction({"value": "71.00", "unit": "percent"}).printed.ratio == 0.71


def test_a_class_declares_its_own() -> None:
    class Mine:
        name = "mine"
        reproductions = (reproduction(),)

    class Further(Mine):
        name = "further"

    class Wrong:
        name = "wrong"
        reproductions = (reproduction(),)

    class Loose:
        name = "loose"
        reproductions = reproduction()

    assert [each.name for each in declared_reproductions(Mine)] == ["mine"]
    assert declared_reproductions(Further) == ()
    with pytest.raises(EntryError, match="its reproduction 'mine' is of the method 'mine'; write 'wrong'"):
        declared_reproductions(Wrong)
    with pytest.raises(EntryError, match="loose: reproductions must be a tuple"):
        declared_reproductions(Loose)
