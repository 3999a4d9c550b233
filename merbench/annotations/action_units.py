"""Action units (FACS) as annotators write them: ``4+7+L10``, ``1+R2+25``, a lone ``12``, or ``?`` for not coded.

That is the plain notation, which clip tables hold and `parse` reads. Some databases write more, and `simplified` takes
it to the plain one::

    cell          term ("+" term)*; CAS(ME)^3 joins terms by commas, and ends cells with one
    term          alternatives, or "(" cell ")", or a remark in words: soft focus
    alternatives  unit ((" or " | "/") unit)*; the first with a number counts: 10A/B, A/L12, L12 or L14
    unit          kind? mark* number mark*; L R side, A to E intensity, A before it asymmetric, T B top or bottom,
                  ? after it doubtful, which counts all the same
    kind          AU; AD action descriptor, M head movement: FACS numbers all three kinds in one row, so it falls away
    ref(...)      what it refers to is no unit of its own and is left out
    unit(k)       held through the whole clip, not moved in it, and left out
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from merbench.annotations.cells import NOTHING
from merbench.errors import AnnotationError

Side = Literal["L", "R"]

_SIDES: Mapping[str, Side | None] = {"": None, "L": "L", "R": "R"}
_TOKEN = re.compile(r"([LR]?)([0-9]{1,2})")
_LONE_FLOAT = re.compile(r"([0-9]+)\.0*")
_MARKED = re.compile(r"(?:AU|AD|M)? ?([ABLRT]{0,2}) ?([0-9]{1,2}) ?([A-ELRT]{0,3}) ?\??", re.IGNORECASE)
_REMARK = re.compile(r"[^\W\d_]{2,}( [^\W\d_]+)*")
_REFERENCE = re.compile(r"\+?\s*\bref\s*\([^()]*\)", re.IGNORECASE)
_STATIC = re.compile(r"\+?\s*\b(?:AU|AD|M)? ?[LR]? ?[0-9]{1,2} ?[LR]? ?\(k\)", re.IGNORECASE)
_OUTER_PLUS = re.compile(r"\+(?![^()]*\))")
_COMMAS = " ,\uff0c"  # the last is the full-width comma
_COMMA = re.compile(r"\s*[,\uff0c]\s*")
_OR = re.compile(r"\s+or\s+|/", re.IGNORECASE)


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
    if cell is None or text.lower() in NOTHING:
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


def simplified(cell: str) -> str:
    """The plain cell that one in a fuller notation comes down to; see the module for that notation.

    Intensities, asymmetry, doubt and remarks fall away. A side is kept, wherever it stands.

    >>> simplified("(R6 or R12)+R15"), simplified("10A/B"), simplified("4R+7"), simplified("7B+ ref(43)")
    ('R6+R15', '10', 'R4+7', '7')
    >>> simplified("4+AD38+M57"), simplified("AU4(k)+L7"), simplified("4, L7, 13?,")
    ('4+38+57', 'L7', '4+L7+13')

    Raises:
        AnnotationError: for what is no such notation, or has no action unit.
    """
    text = " ".join(cell.split())
    if text.lower() in NOTHING:
        return ""
    joined = _COMMA.sub("+", text.rstrip(_COMMAS))
    bare = _STATIC.sub("", _REFERENCE.sub("", joined))
    if not bare and joined.lower().endswith("(k)"):
        return ""
    terms = _OUTER_PLUS.split(bare if bare == joined else bare.strip("+ "))
    units = [unit for term in terms for unit in _term(term.strip(), text)]
    if not units:
        raise AnnotationError(f"Action units {text!r}: there is none; write the numbers, or ? for not coded.")
    return written(dict.fromkeys(units))


def _term(term: str, text: str) -> tuple[ActionUnit, ...]:
    if term.startswith("(") and term.endswith(")") and "(" not in term[1:]:
        return tuple(unit for inner in term[1:-1].split("+") for unit in _term(inner.strip(), text))
    chosen = next((part.strip() for part in _OR.split(term) if re.search("[0-9]", part)), term)
    match = _MARKED.fullmatch(chosen)
    if match is not None:
        sides = {mark for mark in (match[1] + match[3]).upper() if mark in "LR"}
        return (ActionUnit(int(match[2]), _SIDES[sides.pop()] if len(sides) == 1 else None),)
    if _REMARK.fullmatch(term):
        return ()
    raise AnnotationError(
        f"Action units {text!r}: {term!r} is no action unit; expected numbers joined by '+', each with marks such as "
        "L, R or an intensity A to E, alternatives as 'L12 or L14', and remarks in words."
    )
