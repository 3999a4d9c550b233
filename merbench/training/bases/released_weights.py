"""Weights of a method's released modules: their names translated, their shapes checked, faults in the user's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from merbench.errors import UsageError

Network = TypeVar("Network", bound=nn.Module)
#: Whole names or their beginnings, released to own; None for arrays that the released code never uses.
Names = Mapping[str, str | None]
Shape = tuple[int, ...]
#: What data-parallel training puts before every name.
_PARALLEL = "module."


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """Arrays of a release under the names of the network here, with the user's keys and shapes for messages.

    `title` is the network's name, and `prefix` is what all of the user's keys begin with.
    """

    title: str
    names: Names
    arrays: dict[str, Tensor]
    keys: Mapping[str, str]
    shapes: Mapping[str, Shape]
    prefix: str

    def key(self, name: str) -> str:
        """The user's key of an own name, or the release's where the user has none."""
        return self.keys.get(name) or f"{self.prefix}{_released(name, self.names)}"

    def require(self, name: str, axes: int) -> Tensor:
        """The array of this own name, from whose shape a setting of the network is read.

        Raises:
            UsageError: if it is lacking or has not as many axes.
        """
        value = self.arrays.get(name)
        if value is None or value.ndim != axes:
            problem = "is lacking" if value is None else f"is {self.shapes[name]}, not an array of {axes} axes"
            raise UsageError(
                f"Released {self.title} weights: {self.key(name)!r} {problem}; give the state_dict() of the whole "
                "released network."
            )
        return value


def as_arrays(title: str, state_dict: object) -> dict[str, Tensor]:
    """The tensors of a `state_dict()` by key; arrays of numpy are taken as such.

    Raises:
        UsageError: if it is no mapping of names to arrays of numbers.
    """
    if not isinstance(state_dict, Mapping):
        raise UsageError(f"Released {title} weights: expected a state_dict(), not {type(state_dict).__name__}.")
    return {key: _tensor(title, key, value) for key, value in state_dict.items()}


def renamed(title: str, state_dict: object, names: Names) -> Released:
    """The arrays of a released `state_dict()` under the names of the network here.

    Raises:
        UsageError: if it is no mapping of names to arrays, or a name is none of the release's.
    """
    arrays, keys = {}, {}
    given = as_arrays(title, state_dict)
    for key, value in given.items():
        name = _own(title, key, names)
        if name is not None:
            arrays[name], keys[name] = value, key
    return Released(
        title=title,
        names=names,
        arrays=arrays,
        keys=keys,
        shapes={name: tuple(value.shape) for name, value in arrays.items()},
        prefix=_PARALLEL if given and all(key.startswith(_PARALLEL) for key in given) else "",
    )


def fill(
    released: Released, network: Network, expected: Callable[[str, Shape], Shape] = lambda name, shape: shape
) -> Network:
    """The network in evaluation mode and in the weights' precision, with these weights.

    `expected` gives the shape that the release has of an own name and its shape here, where they differ.

    Raises:
        UsageError: naming, by the user's keys, the arrays that are lacking or of another shape.
    """
    own = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    lacking = [
        f"{released.key(name)} {expected(name, shape)}"
        for name, shape in own.items()
        if name not in released.arrays and not name.endswith("num_batches_tracked")
    ]
    odd = [
        f"{released.key(name)} is {released.shapes[name]}, "
        + (f"not {expected(name, own[name])}" if name in own else "which this network does not have")
        for name, value in released.arrays.items()
        if own.get(name) != tuple(value.shape)
    ]
    if lacking or odd:
        raise UsageError(
            f"Released {released.title} weights do not fit: lacking {', '.join(lacking) or 'none'}; of another shape "
            f"{'; '.join(odd) or 'none'}. Give the state_dict() of the released network in its published setting."
        )
    network.to(next(value.dtype for value in released.arrays.values() if value.is_floating_point()))
    network.load_state_dict(released.arrays, strict=False)
    return network.eval()


def _tensor(title: str, key: object, value: object) -> Tensor:
    if not isinstance(key, str):
        raise UsageError(f"Released {title} weights: the key {key!r} is no name; give the network's state_dict().")
    if isinstance(value, Tensor):
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        return torch.from_numpy(np.array(value))
    kind = f"an array of {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__
    raise UsageError(
        f"Released {title} weights: the value of {key!r} is {kind}, not an array of numbers; give the network's "
        "state_dict() itself, out of any checkpoint that wraps it."
    )


def _own(title: str, key: str, names: Names) -> str | None:
    bare = key.removeprefix(_PARALLEL)
    start = _longest(bare, names)
    if start is None:
        raise UsageError(
            f"Released {title} weights: the array {key!r} belongs to no part of {title}; give the network's "
            "state_dict() itself, out of any checkpoint that wraps it."
        )
    own = names[start]
    return None if own is None else own + bare[len(start) :]


def _released(name: str, names: Names) -> str:
    back = {own: released for released, own in reversed(list(names.items())) if own is not None}
    start = _longest(name, back)
    return name if start is None else back[start] + name[len(start) :]


def _longest(name: str, starts: Mapping[str, object]) -> str | None:
    """The longest of those that a dotted name is or begins with."""
    parts = name.split(".")
    candidates = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((each for each in candidates if each in starts), None)
