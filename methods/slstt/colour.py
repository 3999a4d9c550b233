"""Flow as a picture: its direction as hue, its length as value."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from merbench.training.device.transfer import constant

#: Of red, green and blue in 0..1 over ImageNet, by which the release normalises its pictures.
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def rendered(flow: Tensor, longest: str = "frame") -> Tensor:
    """Pictures `(clip time rgb height width)` of flow `(clip time uv height width)`, by the statistics of ImageNet.

    Hue is the direction, from red to the right on through green; saturation is 1; value is the length over the longest
    of the ``frame`` (release) or of the ``clip``. Without motion a picture is black.
    """
    u, v = flow.unbind(2)
    length = torch.sqrt(u.square() + v.square())
    over = (2, 3) if longest == "frame" else (1, 2, 3)
    value = length / length.amax(over, keepdim=True).clamp_min(1e-6)
    hue = torch.atan2(v, u) / (2 * math.pi) % 1
    # a colour at full saturation: each channel is a trapezium over the circle of hues
    channels = [((hue * 6 + shift) % 6 - 3).abs().sub(1).clamp(0, 1) * value for shift in (0, 4, 2)]
    mean, std = (constant(three, flow.dtype, flow.device)[:, None, None] for three in (MEAN, STD))
    return (torch.stack(channels, 2) - mean) / std
