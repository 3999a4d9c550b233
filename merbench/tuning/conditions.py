"""Parameters that mean nothing where another one has certain values, and are not searched there."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.entries.parameters import Value
from merbench.method import Method
from merbench.training import Training

#: By parameter: others, and the values of each of them with which it has no effect.
Unused = Mapping[str, Mapping[str, tuple[Value, ...]]]


def unused_of(method: Method) -> Unused:
    """What the parameters of a method and of the engine declare as `unless`."""
    return {each.name: each.unless for each in (*Training.declared(), *method.parameters.declared()) if each.unless}


def is_used(name: str, values: Mapping[str, Value], unused: Unused) -> bool:
    """Whether a parameter means something beside `values`, those of its condition's own condition included."""
    return all(
        values.get(other) not in idle and is_used(other, values, unused) for other, idle in unused.get(name, {}).items()
    )
