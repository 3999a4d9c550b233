"""Flow as a picture: its direction as hue, its length as value."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def rendered(flow: Tensor) -> Tensor:
    """Pictures `(clip time rgb height width)` in -1..1 of flow `(clip time uv height width)`.

    Hue is the direction, from red to the right on through green; saturation is 1; value is the length over the longest
    of the clip. A clip without motion is black.
    """
    u, v = flow.unbind(2)
    length = torch.sqrt(u.square() + v.square())
    value = length / length.amax((1, 2, 3), keepdim=True).clamp_min(1e-6)
    hue = torch.atan2(v, u) / (2 * math.pi) % 1
    # a colour at full saturation: each channel is a trapezium over the circle of hues
    channels = [((hue * 6 + shift) % 6 - 3).abs().sub(1).clamp(0, 1) * value for shift in (0, 4, 2)]
    return torch.stack(channels, 2) * 2 - 1
