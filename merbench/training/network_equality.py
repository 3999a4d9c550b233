"""Whether two networks are equal but for the values of their tensors."""

from __future__ import annotations

from torch import Tensor, nn

#: What every module has, and what tensors are registered in.
_MACHINERY = frozenset(vars(nn.Module()))
#: Attributes that the engine sets.
_HANDED = frozenset({"generator", "stack", "masks"})


def difference(one: nn.Module, other: nn.Module) -> str:
    """The first thing that two networks differ in, other than values of weights and buffers; empty if there is none.

    What cannot be compared counts as different.
    """
    ours, theirs = dict(one.named_modules()), dict(other.named_modules())
    if ours.keys() != theirs.keys():
        return "their modules"
    for name, module in ours.items():
        if why := _of_modules(module, theirs[name]):
            return f"{name or 'the network'}{why}"
    return ""


def _of_modules(one: nn.Module, other: nn.Module) -> str:
    if type(one) is not type(other):
        return "'s kind"
    for kind in ("_parameters", "_buffers"):
        if _shapes(getattr(one, kind)) != _shapes(getattr(other, kind)):
            return "'s tensors"
    own, others = _attributes(one), _attributes(other)
    if own.keys() != others.keys():
        return "'s attributes"
    return next((f".{name}" for name, value in own.items() if not _same(value, others[name])), "")


def _shapes(tensors: dict[str, Tensor | None]) -> dict[str, object]:
    return {
        name: None if tensor is None else (tensor.shape, tensor.dtype, tensor.requires_grad)
        for name, tensor in tensors.items()
    }


def _attributes(module: nn.Module) -> dict[str, object]:
    return {name: value for name, value in vars(module).items() if name not in _MACHINERY | _HANDED}


def _same(one: object, other: object) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return one.shape == other.shape and one.dtype == other.dtype and bool((one == other).all())
    if isinstance(one, nn.Module):
        return False  # not registered, so its weights are not stacked
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[name]) for name, value in one.items())
    try:
        return bool(one == other)
    except (TypeError, ValueError, RuntimeError):
        return False
