"""Entries that one name stands for: what follows the colon of ``timm:resnet34`` is a parameter of the entry ``timm``.

An entry says which parameter that is by `suffix`. A run of ``timm`` with that parameter set is the run of
``timm:resnet34``: one thing has one name in records and on the leaderboard.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, cast

from merbench.entries.parameters import Parameters, Value, parameter

Kind = TypeVar("Kind")


def variant(entry: type[Kind], value: str) -> type[Kind]:
    """The entry under the name ``entry:value``, with its `suffix` parameter fixed to `value`; each time the same.

    Raises:
        MerbenchError: as the entry's parameters do, for a value that cannot be.
    """
    stem: Any = stem_of(entry)
    return cast("type[Kind]", _variant(stem, value))


def stem_of(entry: type[Kind]) -> type[Kind]:
    """The entry that a variant was made of; any other entry itself."""
    return getattr(entry, "stem", entry)


def under_its_name(entry: type[Kind], parameters: Parameters) -> tuple[type[Kind], Parameters]:
    """The variant that the parameters choose and its parameters; entries without variants as they are."""
    suffix = getattr(entry, "suffix", "")
    if not suffix:
        return entry, parameters
    values = parameters.values()
    chosen: Any = variant(entry, str(values[suffix]))
    return chosen, chosen.Parameters(**values)


@cache
def _variant(stem: Any, value: str) -> type:
    name, suffix = f"{stem.name}:{value}", stem.suffix
    fixed = parameter(value, f"the name {name} says so", choices=(value,))
    narrowed = dataclasses.make_dataclass(
        stem.Parameters.__name__,
        [(suffix, str, fixed)],
        bases=(stem.Parameters,),
        namespace={"__reduce__": _pickled(stem, value, _parameters, lambda instance: instance.values())},
        frozen=True,
        kw_only=True,
    )
    narrowed()  # so that what cannot be is refused here, in the entry's own words
    face = {
        "name": name,
        "title": f"{stem.title} {value}",
        "__doc__": stem.__doc__,
        "stem": stem,
        "Parameters": narrowed,
        "__module__": stem.__module__,
        "__reduce__": _pickled(stem, value, _entry, lambda instance: instance.parameters.values()),
    }
    return type(stem.__name__, (stem,), face)


def _pickled(
    stem: type, value: str, rebuild: Callable[..., Any], values: Callable[[Any], Mapping[str, Value]]
) -> Callable[[Any], tuple[Any, ...]]:
    # a class that was made while running has no address of its own, so it is made again where it is unpacked
    return lambda instance: (rebuild, (stem, value, dict(values(instance))))


def _parameters(stem: type, value: str, values: Mapping[str, Value]) -> Parameters:
    kind: Any = variant(stem, value)
    return cast("Parameters", kind.Parameters(**values))


def _entry(stem: type, value: str, values: Mapping[str, Value]) -> object:
    kind: Any = variant(stem, value)
    return kind(kind.Parameters(**values))
