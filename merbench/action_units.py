"""Action units (FACS) as annotators write them: ``4+7+L10``, ``1+R2+25``, a lone ``12``, or ``?`` for not coded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from merbench.errors import AnnotationError

Side = Literal["L", "R"]

_SIDES: Mapping[str, Side | None] = {"": None, "L": "L", "R": "R"}
_TOKEN = re.compile(r"([LR]?)([0-9]{1,2})")
_LONE_FLOAT = re.compile(r"([0-9]+)\.0*")
_NOT_CODED = frozenset({"", "?", "nan", "none", "<na>"})


@dataclass(frozen=True, slots=True)
class ActionUnit:
    """One action unit; `side` is None where both halves of the face act or the annotator gave none."""

    number: int
    side: Side | None = None

    def __str__(self) -> str:
        return f"{self.side or ''}{self.number}"


def parse(cell: object) -> tuple[ActionUnit, ...]:
    """The action units of one annotation cell, in written order; none for an empty cell or ``?``.

    A lone action unit may be a number, as spreadsheets store it: 12 or 12.0.

    >>> [str(unit) for unit in parse("4+7+L10")]
    ['4', '7', 'L10']
    >>> parse(12.0), parse("?")
    ((ActionUnit(number=12, side=None),), ())

    Raises:
        AnnotationError: for a token that is no action unit.
    """
    text = str(cell).strip()
    if cell is None or text.lower() in _NOT_CODED:
        return ()
    lone = _LONE_FLOAT.fullmatch(text)
    return tuple(_unit(token.strip(), text) for token in (lone[1] if lone else text).split("+"))


def written(units: Iterable[ActionUnit]) -> str:
    """The cell that `parse` reads as those action units; empty for none.

    >>> written([ActionUnit(4), ActionUnit(10, "L")])
    '4+L10'
    """
    return "+".join(map(str, units))


def _unit(token: str, text: str) -> ActionUnit:
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise AnnotationError(
            f"Action units {text!r}: {token!r} is no action unit; expected numbers joined by '+', "
            "each with L or R before it at most, such as 4+7+L10."
        )
    return ActionUnit(int(match[2]), _SIDES[match[1]])
