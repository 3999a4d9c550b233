"""The arrays of a file of weights, out of whatever checkpoint wraps them; no code of it is run."""

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
    """The arrays of a file by name; `key` is where a checkpoint had them, and `others` where it has further ones."""

    tensors: Mapping[str, Tensor]
    key: str = ""
    others: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """Where they were found, in words; empty of a file that is the arrays itself."""
        further = f", not {', '.join(self.others)}" if self.others else ""
        return f"its {self.key}{further}" if self.key else ""


def read_state_dict(path: str | Path, given: str) -> StateDict:
    """The arrays in a .safetensors file or in what torch saved; `given` names them in messages.

    Of several state dicts in a checkpoint it is the first of `KEYS`.

    Raises:
        UsageError: if the file cannot be read without running code of it, or has no arrays.
    """
    found = _unwrapped(_content(Path(path), given), "")
    if found is None:
        raise UsageError(
            f"{given} has no weights: neither the file itself nor {', '.join(KEYS[:5])} in it is a state_dict(); "
            "give a .safetensors file, or a state_dict() that torch saved."
        )
    return found


def without_prefix(names: Mapping[str, object], tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], str]:
    """The arrays under the names that most of a network's `names` are equal to, and the prefix that was dropped.

    Arrays without that prefix keep their names.
    """
    prefix = max(prefixes(), key=lambda each: (len(names.keys() & _stripped(tensors, each).keys()), -len(each)))
    return _stripped(tensors, prefix), prefix


def prefixes() -> tuple[str, ...]:
    """What may stand before the names in a file: nothing, one of `PREFIXES`, or two of them."""
    return ("", *PREFIXES, *(outer + inner for outer in PREFIXES for inner in PREFIXES if outer != inner))


def _stripped(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items()}


def _content(path: Path, given: str) -> object:
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
            f"{given} cannot be read: {cause} Give a .safetensors file, or a state_dict() that torch saved."
        ) from fault


def _unwrapped(content: object, key: str) -> StateDict | None:
    if not isinstance(content, Mapping):
        return None
    inner = [found for name in KEYS if (found := _unwrapped(content.get(name), f"{key}.{name}".lstrip(".")))]
    if inner:
        return StateDict(tensors=inner[0].tensors, key=inner[0].key, others=tuple(each.key for each in inner[1:]))
    tensors = {name: value for name, value in content.items() if isinstance(name, str) and isinstance(value, Tensor)}
    return StateDict(tensors=tensors, key=key) if tensors else None
