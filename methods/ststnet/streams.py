"""The three streams up to their pooling as one operation, for training on a CPU.

It computes what convolution, ReLU, batch normalisation and max pooling compute one by one, but normalises only the
maxima: normalisation by a positive scale keeps the order of values, so the maximum of normalised values is the
normalised maximum. Clips are taken in chunks whose intermediate values stay in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

#: Clips a chunk: chosen here, so that what a chunk computes fits into some megabytes of cache.
_CHUNK = 16
#: Input channels, the side of a kernel, and the padding of the convolution; then the weights of a filter and its bias.
_CHANNELS, _KERNEL, _PADDING = 3, 3, 2
_WEIGHTS = _CHANNELS * _KERNEL**2 + 1


def pooled(flow: Tensor, convolutions: Sequence[nn.Conv2d], norms: Sequence[nn.BatchNorm2d]) -> Tensor:
    """The pooled maps `(clip filter height width)` of all streams in training; the norms' statistics are updated."""
    weight = torch.cat([_columns(layer) for layer in convolutions], 1)
    scale, shift = (torch.cat([getattr(norm, name) for norm in norms]) for name in ("weight", "bias"))
    running = [torch.cat([getattr(norm, name) for norm in norms]) for name in ("running_mean", "running_var")]
    maps: Tensor = _Pooled.apply(flow, weight, scale, shift, norms[0], running)
    widths = [norm.num_features for norm in norms]
    for norm, mean, variance in zip(norms, *(values.split(widths) for values in running), strict=True):
        for buffer, value in ((norm.running_mean, mean), (norm.running_var, variance)):
            assert buffer is not None
            buffer.copy_(value)
        if norm.num_batches_tracked is not None:
            norm.num_batches_tracked.add_(1)
    return maps


def possible(flow: Tensor, norms: Sequence[nn.BatchNorm2d]) -> bool:
    """Whether `pooled` computes what the layers would, and faster: on a thread, for constant flow, of positive scales.

    Chunks are too small to be shared by several threads; those train folds at once instead.
    """
    if flow.device.type != "cpu" or flow.requires_grad or torch.compiler.is_compiling() or torch.get_num_threads() > 1:
        return False
    return all(bool((norm.weight > 0).all()) for norm in norms)


def _columns(layer: nn.Conv2d) -> Tensor:
    """The weights `(weight filter)` of a convolution, the bias last."""
    assert layer.bias is not None
    return torch.cat([layer.weight.flatten(1).t(), layer.bias[None]])


class _Pooled(torch.autograd.Function):
    """Maxima of normalised, rectified convolutions; the running statistics are updated in place."""

    @staticmethod
    def forward(
        ctx: Any,
        flow: Tensor,
        weight: Tensor,
        scale: Tensor,
        shift: Tensor,
        norm: nn.BatchNorm2d,
        running: list[Tensor],
    ) -> Tensor:
        windows, filters = _Windows(flow.to(weight.dtype)), weight.shape[1]
        rectified = weight.new_empty(len(flow), *windows.side, filters)
        first = _first(rectified[:_CHUNK])
        maxima, peaks = [], []
        for seen, maps in zip(windows, rectified.split(_CHUNK), strict=True):
            torch.mm(seen.t(), weight, out=maps.view(-1, filters)).clamp_(min=0)
            largest, place = functional.max_pool2d(maps.permute(0, 3, 1, 2), 3, padding=1, return_indices=True)
            maxima.append(largest)
            peaks.append(torch.add(first[: len(maps)], place.permute(0, 2, 3, 1), alpha=filters).view(-1))
        values = rectified.permute(0, 3, 1, 2)
        running_mean, running_variance = running
        momentum = norm.momentum or 0.0
        mean, variance = torch.batch_norm_update_stats(values, running_mean, running_variance, momentum)
        inverse = (variance + norm.eps).rsqrt()
        centred = torch.cat(maxima).sub_(_maps(mean)).mul_(_maps(inverse))
        ctx.windows = windows
        ctx.save_for_backward(rectified, centred, mean, inverse, scale, *peaks)
        return torch.addcmul(_maps(shift), centred, _maps(scale)).contiguous()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        rectified, centred, mean, inverse, scale, *peaks = ctx.saved_tensors
        clips, height, width, filters = rectified.shape
        of_shift, of_scale = gradient.sum((0, 2, 3)), (gradient * centred).sum((0, 2, 3))
        # what each value adds to the statistics that all are normalised by: a line in the value
        count = clips * height * width
        slope = -scale * inverse**2 * of_scale / count
        offset = -scale * inverse * of_shift / count - slope * mean
        slopes, offsets = slope.repeat(width), offset.repeat(width)  # rows of an image are computed on fastest
        of_maxima = (gradient * _maps(scale * inverse)).permute(0, 2, 3, 1).contiguous()
        of_weight = rectified.new_zeros(_WEIGHTS, filters)
        buffer = torch.empty_like(rectified[:_CHUNK])
        chunks = zip(ctx.windows, rectified.split(_CHUNK), of_maxima.split(_CHUNK), peaks, strict=True)
        for seen, maps, own, place in chunks:
            through = buffer[: len(maps)]
            torch.addcmul(offsets, maps.flatten(2), slopes, out=through.flatten(2))
            through.view(-1).scatter_add_(0, place, own.view(-1))
            torch.ops.aten.threshold_backward.grad_input(through, maps, 0, grad_input=through)  # ReLU
            of_weight.addmm_(seen, through.view(-1, filters))
        return None, of_weight, of_scale, of_shift, None, None


def _first(maps: Tensor) -> Tensor:
    """Where in memory the map of each clip and filter begins, of maps `(clip height width filter)`."""
    clips, filters = torch.arange(len(maps)), torch.arange(maps.shape[-1])
    return clips[:, None, None, None] * maps[0].numel() + filters


class _Windows:
    """What each filter sees of each chunk at each of its places, and a 1 for the bias: `(weight place)`."""

    def __init__(self, flow: Tensor) -> None:
        clips, channels, height, width = flow.shape
        self._padded = flow.new_zeros(channels, clips, height + 2 * _PADDING, width + 2 * _PADDING)
        self._padded[..., _PADDING:-_PADDING, _PADDING:-_PADDING] = flow.transpose(0, 1)
        self.side = (height + 2 * _PADDING - _KERNEL + 1, width + 2 * _PADDING - _KERNEL + 1)

    def __iter__(self) -> Iterator[Tensor]:
        """Chunk after chunk, each in the memory of the one before."""
        area = self.side[0] * self.side[1]
        buffer = self._padded.new_ones(_WEIGHTS, min(_CHUNK, self._padded.shape[1]) * area)
        for chunk in self._padded.split(_CHUNK, dim=1):
            clips = chunk.shape[1]
            seen = chunk.unfold(2, _KERNEL, 1).unfold(3, _KERNEL, 1).permute(0, 4, 5, 1, 2, 3)
            buffer[:-1, : clips * area].view(_CHANNELS, _KERNEL, _KERNEL, clips, *self.side).copy_(seen)
            yield buffer[:, : clips * area]


def _maps(values: Tensor) -> Tensor:
    return values.view(1, -1, 1, 1)
