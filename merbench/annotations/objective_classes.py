"""The objective classes of MEGC 2018: clips sorted by their action units, not by what emotion was reported."""

from __future__ import annotations

from collections.abc import Collection, Mapping

#: The five classes that MEGC 2018 evaluates; VI and VII fall out.
EVALUATED = ("I", "II", "III", "IV", "V")
#: By class, its sets of action units. Written down from memory of Davison et al., Objective classes for
#: micro-facial expression recognition, 2018: unverified against the paper.
RULES: Mapping[str, tuple[str, ...]] = {
    "I": ("6", "12", "6+12", "6+7+12", "7+12"),
    "II": ("1+2", "5", "25", "1+2+25", "25+26", "5+24"),
    "III": ("23", "4", "4+7", "4+5", "4+5+7", "17+24", "4+6+7", "4+38"),
    "IV": ("10", "9", "4+9", "4+40", "4+5+40", "4+7+9", "4+9+17", "4+7+10", "4+5+7+9", "7+10"),
    "V": ("1", "15", "1+4", "6+15", "15+17"),
    "VI": ("1+2+4", "20"),
}
_CLASS_OF = {
    frozenset(map(int, units.split("+"))): name for name, every in RULES.items() for units in every
}  # fmt: skip


def objective_class(numbers: Collection[int]) -> str:
    """The class of a set of action units, sides and intensities left aside: ``I`` to ``VI`` by `RULES`, else ``VII``.

    For drawn clips. Of a real database, take the class column that it comes with, which departs from the rules.

    >>> objective_class([12, 6]), objective_class([14])
    ('I', 'VII')
    """
    return _CLASS_OF.get(frozenset(numbers), "VII")
