"""Reading the arrays of a weights file, also from inside a checkpoint, without running code from the file."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from merbench.errors import UsageError

#: The keys under which checkpoints have their weights, in the order in which they are looked for.
KEYS = ("state_dict", "model_state_dict", "model", "net", "ema", "module", "state_dict_ema", "model_ema")
#: What training code and self-supervised checkpoints put before the names of a network.
PREFIXES = ("module.", "backbone.", "encoder.", "model.", "network.", "net.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StateDict:
    """The arrays of a file by name; `key` is where they lie in a checkpoint, and `others` are further such places."""

    tensors: Mapping[str, Tensor]
    key: str = ""
    others: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """Where the arrays lie in the checkpoint, in words; empty if the file holds nothing else."""
        further = f", not {', '.join(self.others)}" if self.others else ""
        return f"its {self.key}{further}" if self.key else ""


def read_state_dict(path: str | Path, source: str) -> StateDict:
    """The arrays in a .safetensors file or in a file that torch saved; `source` is what messages call it.

    Of several state dicts in a checkpoint, it is the first in the order of `KEYS`.

    Raises:
        UsageError: if the file cannot be read without running code from it, or has no arrays.
    """
    state = _unwrapped(_content(Path(path), source), "")
    if state is None:
        raise UsageError(
            f"{source} has no weights: neither the file itself nor {', '.join(KEYS[:5])} in it is a state_dict(); "
            "give a .safetensors file, or a state_dict() that torch saved."
        )
    return state


def without_prefix(names: Mapping[str, object], tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], str]:
    """The arrays without the prefix that hides most of a network's `names`, and that prefix.

    Arrays that do not have the prefix keep their names.
    """
    prefix = max(prefixes(), key=lambda each: (len(names.keys() & _stripped(tensors, each).keys()), -len(each)))
    return _stripped(tensors, prefix), prefix


def prefixes() -> tuple[str, ...]:
    """What may stand before the names in a file: nothing, one of `PREFIXES`, or two of them."""
    return ("", *PREFIXES, *(outer + inner for outer in PREFIXES for inner in PREFIXES if outer != inner))


def _stripped(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items()}


def _content(path: Path, source: str) -> object:
    import torch
    from safetensors.torch import load_file

    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as fault:  # a file can be damaged, or no file of weights, in any way
        cause = f"{type(fault).__name__}: {' '.join(str(fault).split())[:200]}".rstrip(".: ") + "."
        if isinstance(fault, pickle.UnpicklingError) and "weights_only" in str(fault).lower():
            cause = "it holds more than arrays and plain values, or is no file of torch, and its code is never run."
        raise UsageError(
            f"{source} cannot be read: {cause} Give a .safetensors file, or a state_dict() that torch saved."
        ) from fault


def _unwrapped(content: object, key: str) -> StateDict | None:
    if not isinstance(content, Mapping):
        return None
    inner = [state for name in KEYS if (state := _unwrapped(content.get(name), f"{key}.{name}".lstrip(".")))]
    if inner:
        return StateDict(tensors=inner[0].tensors, key=inner[0].key, others=tuple(each.key for each in inner[1:]))
    tensors = {name: value for name, value in content.items() if isinstance(name, str) and isinstance(value, Tensor)}
    return StateDict(tensors=tensors, key=key) if tensors else None
