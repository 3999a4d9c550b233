"""Layers of several folds as one kernel each: their channels side by side, or their clips after each other.

torch's own rules for `vmap` are right, but add the bias of a convolution, and the scale and shift of a batch norm, by
kernels of their own, and copy features from one order of folds and clips to the other between layers. Here features
keep one order in memory, `(clip fold channel ...)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

#: What convolves; torch.conv2d and functional.conv2d are one function.
CONVOLUTIONS = frozenset({functional.conv1d, functional.conv2d, functional.conv3d})
#: What takes each clip by itself.
_POOLING = frozenset({functional.max_pool2d, functional.avg_pool2d, functional.max_pool3d, functional.avg_pool3d})


class VmapLayers(TorchFunctionMode):
    """A block in which `vmap` over folds computes convolutions, batch norms and pooling by one kernel for all folds."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """What `func` gives on the arguments."""
        kwargs = dict(kwargs or {})
        if func in CONVOLUTIONS:
            return _convolved(func, *args, **kwargs)
        if func is functional.batch_norm:
            return _normalised(*args, **kwargs)
        if func in _POOLING and not kwargs.get("return_indices") and torch._C._functorch.is_batchedtensor(args[0]):
            return _Pooled.apply(args[0], func, args[1:], kwargs)
        return func(*args, **kwargs)


def _convolved(
    convolution: Callable[..., Tensor],
    input: Tensor,  # noqa: A002 - as torch names it
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    batched = torch._C._functorch.is_batchedtensor
    if not batched(input) or not batched(weight):
        return convolution(input, weight, bias, stride, padding, dilation, groups)
    convolved: Tensor = _Convolved.apply(input, weight, bias, convolution, (stride, padding, dilation), groups)
    return convolved


def _normalised(
    input: Tensor,  # noqa: A002 - as torch names it
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    options = (training, momentum, eps)
    normalised: Tensor = _Normalised.apply(input, running_mean, running_var, weight, bias, options)
    return normalised


class _OfFolds(torch.autograd.Function):
    """An operation that `vmap` computes for all folds at once, by operations that have gradients themselves."""

    @staticmethod
    def forward(*args: Any) -> Tensor:
        raise RuntimeError("nothing is stacked here")

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        """Saves nothing."""


class _Convolved(_OfFolds):
    """A convolution whose groups are folds."""

    @staticmethod
    def vmap(
        info: Any,
        in_dims: Any,
        features: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        convolution: Callable[..., Tensor],
        options: tuple[Any, Any, Any],
        groups: int,
    ) -> tuple[Tensor, int]:
        """The features `(clip fold channel ...)`."""
        folds = info.batch_size
        stacked = _with_folds(features, in_dims[0], folds, 1).flatten(1, 2)
        weights = _with_folds(weight, in_dims[1], folds, 0).flatten(0, 1)
        biases = None if bias is None else _with_folds(bias, in_dims[2], folds, 0).flatten()
        convolved = convolution(stacked, weights, biases, *options, folds * groups)
        return convolved.unflatten(1, (folds, -1)), 1


class _Normalised(_OfFolds):
    """A batch norm over the channels of all folds."""

    @staticmethod
    def vmap(
        info: Any,
        in_dims: Any,
        features: Tensor,
        running_mean: Tensor | None,
        running_var: Tensor | None,
        weight: Tensor | None,
        bias: Tensor | None,
        options: tuple[bool, float, float],
    ) -> tuple[Tensor, int]:
        """The features `(clip fold channel ...)`; running statistics are updated in place."""
        folds = info.batch_size
        stacked = _with_folds(features, in_dims[0], folds, 1).flatten(1, 2)
        mean, variance, scale, shift = (
            None if tensor is None else _with_folds(tensor, place, folds, 0).flatten()
            for tensor, place in zip((running_mean, running_var, weight, bias), in_dims[1:5], strict=True)
        )
        normalised = functional.batch_norm(stacked, mean, variance, scale, shift, *options)
        return normalised.unflatten(1, (folds, -1)), 1


class _Pooled(_OfFolds):
    """Pooling of each clip of each fold, in whichever order they lie."""

    @staticmethod
    def vmap(
        info: Any,
        in_dims: Any,
        features: Tensor,
        pooling: Callable[..., Tensor],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> tuple[Tensor, int]:
        """The features `(fold clip ...)` or `(clip fold ...)`."""
        place = min(in_dims[0], 1)
        stacked = features.movedim(in_dims[0], place)
        pooled = pooling(stacked.flatten(0, 1), *args, **kwargs)
        return pooled.unflatten(0, stacked.shape[:2]), place


def _with_folds(tensor: Tensor, place: int | None, folds: int, wanted: int) -> Tensor:
    """The tensor with its folds at an axis; what all folds share is repeated without being copied."""
    if place is not None:
        return tensor.movedim(place, wanted)
    return tensor.unsqueeze(wanted).expand(*tensor.shape[:wanted], folds, *tensor.shape[wanted:])
