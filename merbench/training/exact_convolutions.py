"""Convolutions whose gradients come out wrong in bfloat16 on a processor, which are computed in float32 there.

torch 2.14 and 2.15 hand convolutions in bfloat16 to oneDNN, which on processors with AVX-512 gives wrong gradients of
the weights, without an error: of 3D kernels over two frames, and of strided kernels over maps of width one. Some are
not finite, others merely far off.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def need_float32(inputs: Tensor, weight: Tensor) -> bool:
    """Whether a convolution of `inputs` with `weight`, `(out in *kernel)`, is not to be computed in bfloat16.

    The shapes that fail are a part of these: every 3D kernel, and every kernel wider than one over a map of a single
    column.
    """
    kernel = weight.shape[2:]
    if inputs.device.type != "cpu" or max(kernel) == 1:
        return False
    return len(kernel) == 3 or (inputs.shape[-1] == 1 and kernel[-1] > 1)


class _Exact:
    def _conv_forward(self, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if not (torch.is_autocast_enabled("cpu") and need_float32(inputs, weight)):
            return super()._conv_forward(inputs, weight, bias)  # type: ignore[no-any-return, misc]
        with torch.autocast("cpu", enabled=False):
            result: Tensor = super()._conv_forward(inputs.float(), weight, bias)  # type: ignore[misc]
        return result


class _Conv1d(_Exact, nn.Conv1d): ...


class _Conv2d(_Exact, nn.Conv2d): ...


class _Conv3d(_Exact, nn.Conv3d): ...


_EXACT: dict[type[nn.Module], type[nn.Module]] = {nn.Conv1d: _Conv1d, nn.Conv2d: _Conv2d, nn.Conv3d: _Conv3d}


def with_exact_convolutions(network: nn.Module) -> nn.Module:
    """The network, in place, whose convolutions of torch's own classes compute such shapes in float32."""
    for module in network.modules():
        if (exact := _EXACT.get(type(module))) is not None:
            module.__class__ = exact
    return network
