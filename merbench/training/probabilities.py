"""Probabilities of clips: the one place where they are computed for a single network."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from merbench.kind_names import MULTI_NAME, SINGLE_NAME, KindName
from merbench.training.compile import forward_of
from merbench.training.device.inputs import DeviceInputs
from merbench.training.numerics import Numerics

#: The sizes of compiled batches: chosen here; most subjects have 16 clips or fewer.
_COMPILED_BATCHES = (16, 32, 64)
#: Clips in one forward pass of a network in evaluation mode; chosen here, for memory.
HELD_OUT_BATCH = 64


def autocast_of(numerics: Numerics) -> torch.autocast:
    """A block in which forward passes run in the precision of the run."""
    return torch.autocast(numerics.torch_device.type, dtype=torch.bfloat16, enabled=numerics.autocast)


def compiled_batch(count: int) -> int:
    """The clips of a compiled forward pass that serves `count` of them: of few sizes, as each is compiled by itself."""
    return next(size for size in _COMPILED_BATCHES if count <= size)


def compiled_batches(count: int) -> frozenset[int]:
    """The sizes of all compiled forward passes that serve `count` clips."""
    return frozenset(compiled_batch(min(HELD_OUT_BATCH, count - start)) for start in range(0, count, HELD_OUT_BATCH))


@torch.no_grad()
def network_probabilities(
    network: nn.Module,
    inputs: DeviceInputs,
    clips: Tensor,
    numerics: Numerics,
    kind: KindName = SINGLE_NAME,
    *,
    compiled: bool = False,
) -> Tensor:
    """Probabilities `(clip class)` of the clips at some positions, as float32 on the device, in evaluation mode.

    Where the forward pass is `compiled`, batches are filled up with clips that are computed again.
    """
    network.eval()
    return probabilities_of(forward_of(network, compiled), inputs, clips, numerics, kind, compiled=compiled)


@torch.no_grad()
def probabilities_of(
    forward: Callable[..., Tensor],
    inputs: DeviceInputs,
    clips: Tensor,
    numerics: Numerics,
    kind: KindName,
    *,
    compiled: bool = False,
) -> Tensor:
    """Probabilities `(clip class)` by the forward pass of a network in evaluation mode; see `network_probabilities`."""
    logits = []
    with autocast_of(numerics):
        for batch in clips.split(HELD_OUT_BATCH):
            size = compiled_batch(len(batch)) if compiled else len(batch)
            filled = batch if size == len(batch) else batch.repeat(-(-size // len(batch)))[:size]
            logits.append(forward(*inputs.held_out(filled))[: len(batch)])
    return activated(torch.cat(logits).to(numerics.dtype), kind).float()


def activated(logits: Tensor, kind: KindName) -> Tensor:
    """Probabilities `(... class)` of logits: their softmax, or, of multi-label tasks, the sigmoid of each."""
    return torch.sigmoid(logits) if kind == MULTI_NAME else torch.softmax(logits, dim=-1)
