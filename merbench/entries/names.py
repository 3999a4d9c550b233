"""Names of entries and components: one pattern, and spellings that mean the same name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from merbench.errors import EntryError

_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")
_ROMAN = {"iii": "3", "ii": "2"}


def require_name(owner: str, name: object, *, plus: bool = False) -> str:
    """The name itself, if entries may be called so; `owner` says whose it is. With `plus`, it may contain a ``+``.

    Raises:
        EntryError: naming the owner, the name and the rule.
    """
    plain = name.replace("+", "-") if plus and isinstance(name, str) else name
    if not isinstance(name, str) or _PATTERN.fullmatch(str(plain)) is None:
        raise EntryError(
            f"{owner}: name = {name!r} is not possible: a name consists of letters, digits, - _ : and . and begins "
            "with a letter or a digit."
        )
    return name


def same_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` spells otherwise; None where none or more than one could be meant.

    Case, blanks, ``-``, ``_``, ``^`` and parentheses do not matter, nor whether a number is Roman: ``CASME II`` is
    casme2, and ``CAS(ME)^2`` is cas-me-2.

    >>> same_name("CASME II", ["casme2", "cas-me-2"]), same_name("CAS(ME)^2", ["casme2", "cas-me-2"])
    ('casme2', 'cas-me-2')
    """
    names = list(known)
    for spelling in (_words, _letters):
        alike = [each for each in names if spelling(each) == spelling(name)]
        if alike:
            return alike[0] if len(alike) == 1 else None
    return None


def _words(name: str) -> str:
    """A spelling in which only breaks between letters count."""
    plain = re.sub(r"[\s_^()-]+", "-", name.casefold()).strip("-")
    return re.sub(r"-?(\d)", r"\1", re.sub(r"^([^-]+?)-?(iii|ii)$", lambda match: match[1] + _ROMAN[match[2]], plain))


def _letters(name: str) -> str:
    return _words(name).replace("-", "")
