"""Compact letters and ranks of a table from its significant pairs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import count, product
from string import ascii_lowercase

Pair = tuple[int, int]


def compact_letters(methods: int, significant: Collection[Pair]) -> list[str]:
    """Letters of methods, so that two share one if and only if their pair is not significant.

    Methods are numbered from the best; the first letter belongs to the best. The algorithm is insert-and-absorb
    (Piepho 2004). After 26 letters they are doubled and separated by commas.

    >>> compact_letters(3, {(0, 2)})
    ['a', 'ab', 'b']
    """
    groups = [frozenset(range(methods))] if methods else []
    for first, second in sorted(significant):
        split = [part for group in groups for part in _without(group, first, second)]
        groups = [group for group in set(split) if not any(group < other for other in split)]
    groups.sort(key=sorted)
    names = _names(len(groups))
    separator = "" if len(groups) <= len(ascii_lowercase) else ","
    return [
        separator.join(name for name, group in zip(names, groups, strict=True) if method in group)
        for method in range(methods)
    ]


def tiers(methods: int, significant: Collection[Pair]) -> list[int]:
    """Ranks of methods numbered from the best, which never fall from one method to the next.

    A rank is 1 + the number of methods that are significantly better than the method and than every one below it.
    `significant` has pairs (better, worse).

    >>> tiers(3, {(0, 2)}), tiers(3, {(0, 1)})
    ([1, 1, 2], [1, 1, 1])
    """
    worse = set(significant)
    beating = [{other for other in range(method) if (other, method) in worse} for method in range(methods)]
    ranks: list[int] = []
    common = set(range(methods))
    for method in reversed(range(methods)):
        common &= beating[method]
        ranks.append(1 + len(common))
    return ranks[::-1]


def _without(group: frozenset[int], first: int, second: int) -> Sequence[frozenset[int]]:
    return [group - {first}, group - {second}] if {first, second} <= group else [group]


def _names(number: int) -> list[str]:
    names: list[str] = []
    for length in count(1):
        for letters in product(ascii_lowercase, repeat=length):
            if len(names) == number:
                return names
            names.append("".join(letters))
    raise AssertionError
