"""Weights of a method's released modules: their names translated, their shapes checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from torch import Tensor, nn

from merbench.errors import UsageError

Network = TypeVar("Network", bound=nn.Module)

#: A pattern of a released name, and the name here; None for arrays that the released code never uses.
Rule = tuple[str, Callable[[re.Match[str]], str | None]]


def renamed(title: str, state_dict: Mapping[str, Tensor], rules: Sequence[Rule]) -> dict[str, Tensor]:
    """The arrays of a released `state_dict()` under the names of the network here.

    Raises:
        UsageError: if it is no mapping, or a name fits no rule.
    """
    require_mapping(title, state_dict)
    pairs = ((_name(title, key.removeprefix("module."), rules), value) for key, value in state_dict.items())
    return {name: value for name, value in pairs if name is not None}


def require_mapping(title: str, state_dict: object) -> None:
    """Nothing, if it is a mapping, as a `state_dict()` is.

    Raises:
        UsageError: if it is not.
    """
    if not isinstance(state_dict, Mapping):
        raise UsageError(f"Released {title} weights: expected a state_dict(), not {type(state_dict).__name__}.")


def require(title: str, weights: Mapping[str, Tensor], name: str, axes: int) -> Tensor:
    """The array of this name, from whose shape a setting of the network is read.

    Raises:
        UsageError: if it is lacking or has not as many axes.
    """
    value = weights.get(name)
    if value is None or value.ndim != axes:
        problem = "is lacking" if value is None else f"is {tuple(value.shape)}, not an array of {axes} axes"
        raise UsageError(
            f"Released {title} weights: {name!r} {problem}; give the state_dict() of the whole released network."
        )
    return value


def fill(title: str, network: Network, weights: Mapping[str, Tensor]) -> Network:
    """The network in evaluation mode and in the weights' precision, with these weights.

    Raises:
        UsageError: naming the arrays that are lacking or of another shape.
    """
    own = network.state_dict()
    lacking = sorted(name for name in set(own) - set(weights) if not name.endswith("num_batches_tracked"))
    odd = [
        f"{name} is {tuple(value.shape)}" + (f", not {tuple(own[name].shape)}" if name in own else ", unknown here")
        for name, value in weights.items()
        if name not in own or own[name].shape != value.shape
    ]
    if lacking or odd:
        raise UsageError(
            f"Released {title} weights do not fit: lacking {', '.join(lacking) or 'none'}; of another shape "
            f"{'; '.join(odd) or 'none'}. Give the state_dict() of the released network in its published setting."
        )
    network.to(next(value.dtype for value in weights.values() if value.is_floating_point()))
    network.load_state_dict(dict(weights), strict=False)
    return network.eval()


def _name(title: str, key: str, rules: Sequence[Rule]) -> str | None:
    for pattern, name in rules:
        match = re.fullmatch(pattern, key)
        if match is not None:
            return name(match)
    raise UsageError(
        f"Released {title} weights: the array {key!r} belongs to no part of {title}; give the network's state_dict() "
        "itself, out of any checkpoint that wraps it."
    )
