"""Plain values: their check against the types that a dataclass declares, and records as such values."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from merbench.errors import UsageError

#: Rules for values of types that text may look like.
_OF_OTHERS = ("a whole number", "true or false", "a number")


def refusal(name: str, value: object, rule: str) -> UsageError:
    """The error for a value that breaks a rule; text in place of something else is in quotes."""
    shown = json.dumps(value, ensure_ascii=False) if isinstance(value, str) and rule in _OF_OTHERS else value
    return UsageError(f"{name}={shown} is not possible: it must be {rule}.")


def hints_of(kind: type[Any]) -> dict[str, Any]:
    """The declared type of every field, by its name."""
    return get_type_hints(kind)


def require_types(record: object, prefix: str = "") -> None:
    """Refuse values of other types; mappings and sequences become copies of their own."""
    for name, hint in hints_of(type(record)).items():
        object.__setattr__(record, name, _checked(prefix + name, getattr(record, name), hint))


def _checked(name: str, value: Any, hint: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Mapping:
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise refusal(name, value, "a table of names and values")
        return {key: _checked(f"{name}.{key}", each, arguments[1]) for key, each in value.items()}
    if origin is tuple:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise refusal(name, value, "a list")
        return tuple(_checked(name, each, arguments[0]) for each in value)
    if origin in (Union, UnionType) and any(get_origin(each) is tuple for each in arguments):
        return None if value is None else _checked(name, value, arguments[0])
    if hint is float and type(value) is int:
        return float(value)
    if not _fits(value, hint):
        raise refusal(name, value, _rule(hint))
    return value


def _fits(value: Any, hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return isinstance(value, str) and value in get_args(hint)
    if get_origin(hint) in (Union, UnionType):
        return any(_fits(value, each) for each in get_args(hint))
    return type(value) is hint if hint in (bool, int, float) else isinstance(value, hint)


def _rule(hint: Any) -> str:
    words: dict[Any, str] = {str: "text", int: "a whole number", bool: "true or false", float: "a number"}
    if get_origin(hint) is Literal:
        return f"one of {', '.join(get_args(hint))}"
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(_rule(each) for each in get_args(hint) if each is not NoneType)
    return words.get(hint, "a table of names and values")


def plain(value: Any) -> Any:
    """The value as data that JSON can hold: dictionaries for records and mappings, lists for tuples.

    >>> plain({"rules": ("last", "oracle")})
    {'rules': ['last', 'oracle']}
    """
    if dataclasses.is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    return list(value) if isinstance(value, tuple) else value
