"""A number with its noun, in the singular for one."""

from __future__ import annotations


def plural(count: int, noun: str, form: str = "") -> str:
    """The count, formatted by `form`, and the noun in the plural unless the count is 1.

    >>> plural(1, "clip"), plural(0, "clip"), plural(1200, "class", ","), plural(2, "study")
    ('1 clip', '0 clips', '1,200 classes', '2 studies')
    """
    return f"{count:{form}} {noun if count == 1 else plural_noun(noun)}"


def plural_noun(noun: str) -> str:
    """The plural of a regular English noun."""
    if noun.endswith(("s", "x", "ch", "sh")) and not noun.endswith("poch"):  # epochs: the ch is a k
        return f"{noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"
