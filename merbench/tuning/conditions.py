"""Parameters that mean nothing where another one has certain values, and are not searched there."""

from __future__ import annotations

from collections.abc import Mapping

from merbench.method import Method
from merbench.parameters import Value

#: By parameter: another one, and the values of that one with which it is unused.
Unused = Mapping[str, tuple[str, tuple[Value, ...]]]

#: What the engine leaves unread.
OF_TRAINING: Unused = {
    "momentum": ("optimiser", ("adamw", "adam")),
    "decay": ("schedule", ("constant", "cosine")),
    "decay_epochs": ("schedule", ("constant", "cosine")),
    "focal_gamma": ("loss", ("cross-entropy",)),
}


def unused_of(method: Method) -> Unused:
    """The conditions of a method's parameters and of the engine's."""
    return {**OF_TRAINING, **method.parameters.unused_when}


def is_used(name: str, values: Mapping[str, Value], unused: Unused) -> bool:
    """Whether a parameter means something beside `values`, those of its condition's own condition included."""
    if name not in unused:
        return True
    other, idle = unused[name]
    return values.get(other) not in idle and is_used(other, values, unused)
