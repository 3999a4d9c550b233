"""What a network says of clips: the one place where probabilities are computed of a single network."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from merbench.training.device.inputs import DeviceInputs
from merbench.training.numerics import Numerics

#: Clips in one forward pass of a network in evaluation mode; chosen here, for memory.
HELD_OUT_BATCH = 64


def autocast_of(numerics: Numerics) -> torch.autocast:
    """A block in which forward passes run in the precision of the run."""
    return torch.autocast(numerics.torch_device.type, dtype=torch.bfloat16, enabled=numerics.autocast)


@torch.no_grad()
def network_probabilities(network: nn.Module, inputs: DeviceInputs, clips: Tensor, numerics: Numerics) -> Tensor:
    """Probabilities `(clip class)` of the clips at some positions, as float32 on the device, in evaluation mode."""
    network.eval()
    with autocast_of(numerics):
        logits = [network(*inputs.held_out(batch)) for batch in clips.split(HELD_OUT_BATCH)]
    return torch.softmax(torch.cat(logits).to(numerics.dtype), dim=1).float()
