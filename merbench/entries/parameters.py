"""Typed parameters: default, range and reason, in one declaration that `--set`, `info` and tuning all read."""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, TypeAlias

from merbench.entries.components import Components
from merbench.errors import EntryError, UnknownName, UsageError

Value: TypeAlias = bool | int | float | str

_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One declared parameter: its default, what it may be, and why the default is what it is.

    It has no effect where another parameter has one of the values that `unless` names for it. A `later` one was added
    after runs had been recorded: at its default, a run's identity stays the same.
    """

    name: str
    default: Value
    reason: str
    choices: tuple[Value, ...] = ()
    low: float | None = None
    high: float | None = None
    step: int | None = None
    log: bool = False
    components: Components[Any] | None = None
    is_file: bool = False
    unless: Mapping[str, tuple[Value, ...]] = dataclasses.field(default_factory=dict)
    later: bool = False

    def is_idle(self, values: Mapping[str, Value]) -> bool:
        """Whether it has no effect among those values of all parameters."""
        return any(values.get(name) in without for name, without in self.unless.items())

    @property
    def kind(self) -> str:
        """The type as a word: ``true/false``, ``whole number``, ``number`` or ``text``."""
        words: dict[type, str] = {bool: "true/false", int: "whole number", float: "number", str: "text"}
        return words[type(self.default)]

    @property
    def rule(self) -> str:
        """What a value must be, as a phrase for messages and cards."""
        if self.choices:
            return "one of " + ", ".join(str(choice) for choice in self.choices)
        if self.is_file:
            return "a file, or empty"
        low = "" if self.low is None else f" from {_plain(self.low)}"
        high = "" if self.high is None else f" to {_plain(self.high)}"
        step = "" if self.step is None else f", divisible by {self.step}"
        return f"a {self.kind}{low}{high}{step}"

    def read(self, value: object) -> Value:
        """The value in the parameter's type, read from text where need be.

        Raises:
            UsageError: if it is not of the type, among the choices, or in the range.
        """
        try:
            read = _cast(value, type(self.default))
        except (TypeError, ValueError, OverflowError):
            raise self._refusal(value) from None
        if (self.choices and read not in self.choices) or not self._in_range(read):
            raise self._refusal(value)
        if self.is_file and read:
            return self._file(str(read))
        return read

    def described(self, value: Value) -> Value:
        """The value as it defines a result: of a file its name and SHA-256, never the folder it lies in."""
        if not self.is_file or not value:
            return value
        path = Path(str(value))
        with path.open("rb") as file:
            return f"{path.name} sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"

    def _file(self, value: str) -> str:
        path = Path(value).expanduser()
        if not path.is_file():
            raise UsageError(f"{self.name}={value} is not possible: there is no such file; give the path of one.")
        return str(path)

    def _in_range(self, value: Value) -> bool:
        if isinstance(value, str | bool):
            return True
        above = self.low is None or value >= self.low
        below = self.high is None or value <= self.high
        return above and below and (self.step is None or value % self.step == 0)

    def _refusal(self, value: object) -> UsageError:
        components = () if self.components is None else self.components.names()
        near = difflib.get_close_matches(str(value), components, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        return UsageError(f"{self.name}={value} is not possible: {self.name} must be {self.rule}.{hint}")


#: Of a parameter that has an effect whatever the others are.
_ALWAYS: Mapping[str, tuple[Value, ...]] = MappingProxyType({})


def parameter(  # noqa: PLR0913 one argument a fact of the declaration
    default: Value,
    reason: str,
    *,
    choices: tuple[Value, ...] = (),
    low: float | None = None,
    high: float | None = None,
    step: int | None = None,
    log: bool = False,
    unless: Mapping[str, tuple[Value, ...]] = _ALWAYS,
    later: bool = False,
) -> Any:
    """A dataclass field that carries its own declaration; `reason` says where the default comes from.

    `unless` names the values of other parameters with which it has no effect. `later` is for a parameter added after
    runs have been recorded, with a default that behaves as before: at it, a run's identity stays the same.

    >>> @dataclass(frozen=True, kw_only=True)
    ... class Mine(Parameters):
    ...     depth: int = parameter(2, "the paper, table 3", low=1, high=3)
    >>> Mine(depth=4)
    Traceback (most recent call last):
    merbench.errors.UsageError: depth=4 is not possible: depth must be a whole number from 1 to 3.
    """
    declared = Parameter(
        name="",
        default=default,
        reason=reason,
        choices=choices,
        low=low,
        high=high,
        step=step,
        log=log,
        unless=unless,
        later=later,
    )
    return dataclasses.field(default=default, metadata={"parameter": declared})


def component(
    components: Components[Any], default: str, reason: str, *, unless: Mapping[str, tuple[Value, ...]] = _ALWAYS
) -> Any:
    """A dataclass field whose value names one of a method's interchangeable components, those of plugins included.

    `unless` names the values of other parameters with which it has no effect.
    """
    declared = Parameter(name="", default=default, reason=reason, components=components, unless=unless)
    return dataclasses.field(default=default, metadata={"parameter": declared})


def file_parameter(reason: str) -> Any:
    """A dataclass field that names a file, empty for none; records hold the file's name and SHA-256, not its place."""
    declared = Parameter(name="", default="", reason=reason, is_file=True)
    return dataclasses.field(default="", metadata={"parameter": declared})


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """A set of declared parameters with their values; subclasses are frozen dataclasses of `parameter` fields.

    >>> @dataclass(frozen=True, kw_only=True)
    ... class Mine(Parameters):
    ...     depth: int = parameter(2, "Li et al. 2022", low=1, high=3)
    >>> Mine().changed({"depth": "3"}).depth
    3
    """

    def __post_init__(self) -> None:
        for declared in self.declared():
            object.__setattr__(self, declared.name, declared.read(getattr(self, declared.name)))

    @classmethod
    def declared(cls) -> tuple[Parameter, ...]:
        """The declarations, in the order of the class body."""
        if "__dataclass_fields__" not in vars(cls):
            raise EntryError(f"{cls.__qualname__} lacks @dataclass(frozen=True, kw_only=True) above its class.")
        declarations = []
        for field in dataclasses.fields(cls):
            if "parameter" not in field.metadata:
                raise EntryError(f"{cls.__qualname__}.{field.name} is not declared with parameter(default, reason).")
            declared: Parameter = field.metadata["parameter"]
            choices = declared.choices if declared.components is None else declared.components.names()
            declarations.append(dataclasses.replace(declared, name=field.name, choices=choices))
        return tuple(declarations)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The declared names."""
        return tuple(field.name for field in dataclasses.fields(cls))

    def changed(self, overrides: Mapping[str, object]) -> Self:
        """The same set with some values replaced, each read and checked by its declaration.

        Raises:
            UsageError: for a value that its parameter cannot have.
            UnknownName: for a parameter that is not declared.
        """
        known = {declared.name: declared for declared in self.declared()}
        for name in overrides:
            if name not in known:
                raise UnknownName("parameter", name, known)
        return dataclasses.replace(self, **{name: known[name].read(value) for name, value in overrides.items()})

    def values(self) -> dict[str, Value]:
        """Name to value, in declared order."""
        return {name: getattr(self, name) for name in self.names()}

    def described(self) -> dict[str, Value]:
        """Name to value as it defines a result: files by name and SHA-256, later parameters unless at their default."""
        values = self.values()
        return {
            declared.name: declared.described(values[declared.name])
            for declared in self.declared()
            if not declared.later or values[declared.name] != declared.default
        }


def _cast(value: object, kind: type) -> Value:
    if kind is bool:
        return value if isinstance(value, bool) else _word(value)
    if kind is str:
        if not isinstance(value, str):
            raise TypeError
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    if isinstance(value, int):
        return value if kind is int else _finite(value)
    number = _finite(value)
    if kind is float:
        return number
    if not number.is_integer():
        raise ValueError
    return int(number)


def _finite(value: float | str) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _plain(bound: float) -> str:
    return str(int(bound)) if float(bound).is_integer() else f"{bound:g}"


def _word(value: object) -> bool:
    word = str(value).lower()
    if word not in _WORDS:
        raise ValueError
    return _WORDS[word]
