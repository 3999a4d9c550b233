"""bfloat16 inside `vmap`, where torch's autocast does nothing: it casts what is called on a stack of folds by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree as pytree

from merbench.training.exact_convolutions import need_float32
from merbench.training.vmap_layers import CONVOLUTIONS

#: What autocast runs in bfloat16 on every device: products of matrices, and convolutions.
_NARROW = frozenset(
    {
        torch.conv1d, torch.conv2d, torch.conv3d, torch.conv_transpose2d, functional.conv1d, functional.conv2d,
        functional.conv3d, functional.conv_transpose2d, functional.linear, torch.matmul, torch.mm, torch.bmm,
        torch.addmm, torch.baddbmm, torch.einsum, Tensor.matmul, Tensor.__matmul__, Tensor.mm, Tensor.bmm,
        functional.scaled_dot_product_attention,
    }
)  # fmt: skip

#: What it runs in float32 on a GPU: what loses digits in sums and exponentials.
_WIDE = frozenset(
    {
        torch.softmax, Tensor.softmax, functional.softmax, torch.log_softmax, Tensor.log_softmax,
        functional.log_softmax, functional.layer_norm, functional.group_norm, torch.exp, Tensor.exp, torch.log,
        Tensor.log, torch.pow, Tensor.pow, Tensor.__pow__, torch.norm, Tensor.norm, functional.normalize,
        torch.cumsum, Tensor.cumsum, torch.prod, Tensor.prod,
    }
)  # fmt: skip


class VmapAutocast(TorchFunctionMode):
    """A block in which products are of bfloat16 and delicate functions of float32, as under autocast.

    What has no gradient, such as inputs, is cast once, however many layers see it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._cast: dict[tuple[int, torch.dtype], tuple[Tensor, int, Tensor]] = {}

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """What `func` gives on the arguments, cast where the lists say so."""
        kwargs = kwargs or {}
        if func is functional.batch_norm:
            return _batch_norm(*args, **kwargs)
        wanted = torch.bfloat16 if func in _NARROW else torch.float32 if func in _WIDE else None
        if wanted is None:
            return func(*args, **kwargs)
        if func in CONVOLUTIONS and len(args) > 1 and need_float32(*args[:2]):
            wanted = torch.float32
        args, kwargs = pytree.tree_map_only(Tensor, lambda tensor: self._as(tensor, wanted), (args, dict(kwargs)))
        return func(*args, **kwargs)

    def _as(self, tensor: Tensor, wanted: torch.dtype) -> Tensor:
        if tensor.dtype == wanted or tensor.dtype not in (torch.float32, torch.bfloat16):
            return tensor
        if tensor.requires_grad:
            return tensor.to(wanted)
        source, version, cast = self._cast.get((id(tensor), wanted), (None, 0, None))
        if source is not tensor or version != tensor._version or cast is None:
            cast = tensor.to(wanted)
            self._cast[id(tensor), wanted] = tensor, tensor._version, cast
        return cast


def _batch_norm(features: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """As autocast leaves it: sums in float32, and what comes back in the type of the features."""
    wide = features.float() if features.device.type == "cpu" else features  # there, types may not be mixed in a stack
    normalised: Tensor = functional.batch_norm(wide, *args, **kwargs)
    return normalised.to(features.dtype)
