"""A record of what is launched on a CUDA device: kernels, bytes, waits of the host, and kernels without fixed bits."""

from __future__ import annotations

import traceback
import weakref
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

#: CUDA kernels with atomic additions: their bits differ from run to run, or they are refused where bits are promised.
NONDETERMINISTIC = frozenset(
    {
        "_adaptive_avg_pool2d_backward", "_adaptive_avg_pool3d_backward", "adaptive_max_pool2d_backward",
        "adaptive_max_pool3d_backward", "avg_pool3d_backward", "max_pool3d_with_indices_backward",
        "upsample_bilinear2d_backward", "_upsample_bilinear2d_aa_backward", "upsample_linear1d_backward",
        "upsample_bicubic2d_backward", "grid_sampler_2d_backward", "grid_sampler_3d_backward",
        "reflection_pad2d_backward", "replication_pad2d_backward", "nll_loss2d_forward", "nll_loss2d_backward",
        "histc", "bincount", "kthvalue", "median", "put_", "embedding_bag",
    }
)  # fmt: skip
#: What makes the host wait until the device has computed it.
_SYNCHRONISING = frozenset(
    {"_local_scalar_dense", "nonzero", "masked_select", "unique_consecutive", "_unique2", "unique_dim", "is_nonzero"}
) | {"equal", "item"}
#: Calls that launch nothing.
_NO_KERNEL = frozenset(
    {
        "detach", "alias", "empty", "empty_like", "new_empty", "empty_strided", "new_empty_strided", "_unsafe_view",
        "lift_fresh", "set_", "_reshape_alias", "is_same_size", "is_pinned", "_pin_memory", "split_with_sizes",
        "unbind", "split", "chunk",
    }
)  # fmt: skip
#: Calls that give nothing and that torch has no shapes of, where the learning rate is a tensor.
_WITHOUT_SHAPES = frozenset({"_fused_adam_", "_fused_adamw_", "_fused_sgd_"})
#: Random draws: one for each fold, since each has a generator of its own.
DRAWS = frozenset({"uniform_", "rand", "bernoulli_", "bernoulli"})


@dataclass
class Launches:
    """What was launched since the record was last cleared."""

    kernels: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    waits: list[str] = field(default_factory=list)
    mixed_devices: list[str] = field(default_factory=list)
    nondeterministic: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """The number of kernels, without random draws."""
        return sum(count for name, count in self.kernels.items() if name not in DRAWS)


class LaunchRecorder(TorchDispatchMode):
    """A mode that records every call on tensors of a CUDA device, real or fake."""

    def __init__(self) -> None:
        super().__init__()
        self.launches = Launches()
        self.live = self.peak = 0
        self._storages: set[int] = set()

    def clear(self) -> None:
        """Forget what was launched so far."""
        self.launches = Launches()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        space, name = func._schema.name.split("::")
        result = None if name in _WITHOUT_SHAPES else func(*args, **kwargs)
        inputs, outputs = _tensors((args, kwargs)), _tensors(result)
        if space != "prim" and any(_on_gpu(tensor) for tensor in inputs + outputs):
            self._record(func, name, inputs, outputs, args, kwargs)
        for tensor in outputs:
            self._track(tensor)
        return result

    def _record(
        self, func: Any, name: str, inputs: list[Tensor], outputs: list[Tensor], args: Any, kwargs: Any
    ) -> None:
        seen = self.launches
        if not _is_view(func) and name not in _NO_KERNEL:
            seen.kernels[name] += 1
            new = [output for output in outputs if not any(output is each for each in inputs)]
            seen.bytes += sum(_size(tensor) for tensor in inputs + new if _on_gpu(tensor))
        if name in NONDETERMINISTIC:
            seen.nondeterministic[name] += 1
        if name in _SYNCHRONISING:
            seen.waits.append(f"{name} at {_where()}")
        elif name in ("_to_copy", "copy_"):
            source, target = (inputs[0], outputs[0]) if name == "_to_copy" else (inputs[1], inputs[0])
            non_blocking = kwargs.get("non_blocking", False) or (name == "copy_" and len(args) > 2 and args[2])
            if _on_gpu(source) and not _on_gpu(target):
                seen.waits.append(f"copy to the host at {_where()}")
            elif _on_gpu(target) and not _on_gpu(source) and not non_blocking:
                seen.waits.append(f"blocking copy to the device at {_where()}")
        elif name.startswith("index") and any(tensor.dtype in (torch.bool, torch.uint8) for tensor in inputs[1:2]):
            seen.waits.append(f"index by a mask at {_where()}")
        elif any(not _on_gpu(tensor) and tensor.dim() for tensor in inputs):
            seen.mixed_devices.append(f"{name} at {_where()}")

    def _track(self, tensor: Tensor) -> None:
        if not _on_gpu(tensor):
            return
        storage = tensor.untyped_storage()
        key, size = storage._cdata, storage.nbytes()
        if key in self._storages:
            return
        self._storages.add(key)
        self.live += size
        self.peak = max(self.peak, self.live)
        weakref.finalize(storage, self._release, key, size)

    def _release(self, key: int, size: int) -> None:
        self._storages.discard(key)
        self.live -= size


def _tensors(tree: Any) -> list[Tensor]:
    return [leaf for leaf in pytree.tree_leaves(tree) if isinstance(leaf, Tensor)]


def _on_gpu(tensor: Tensor) -> bool:
    return tensor.device.type == "cuda"


def _size(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def _is_view(func: Any) -> bool:
    return any(value.alias_info is not None and not value.alias_info.is_write for value in func._schema.returns)


def _where() -> str:
    """The line of the library that called."""
    for frame in reversed(traceback.extract_stack()):
        if "/merbench/" in frame.filename or "/methods/" in frame.filename:
            return f"{frame.filename}:{frame.lineno}"
    return "unknown"
