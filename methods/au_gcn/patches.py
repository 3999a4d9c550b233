"""Patches of a picture around points of the face."""

from __future__ import annotations

import torch
from einops import rearrange
from torch import Tensor
from torch.nn import functional

from merbench.training.device.transfer import constant

#: Of the 68 points in iBUG's order: both brows, then the mouth, as in the paper's thirty.
BROWS = slice(17, 27)
MOUTH = slice(48, 68)
COUNT = 30

#: Pixels a side (paper).
SIDE = 7


def patches(pictures: Tensor, points: Tensor) -> Tensor:
    """Grey patches `(clip point 7 7)` of pictures `(clip rgb height width)`, brows first.

    `points` are the 68 `(clip point xy)` in pixels, (0, 0) the middle of the first; between pixels is interpolated
    linearly, and pixels outside are 0.
    """
    chosen = torch.cat([points[:, BROWS], points[:, MOUTH]], dim=1)
    steps = torch.arange(SIDE, device=points.device, dtype=points.dtype) - SIDE // 2
    down, right = torch.meshgrid(steps, steps, indexing="ij")
    places = chosen[:, :, None, None] + torch.stack([right, down], -1)
    height, width = pictures.shape[-2:]
    extent = constant((width, height), places.dtype, places.device)
    grid = ((2 * places + 1) / extent - 1).flatten(2, 3)
    grey = pictures.mean(1, keepdim=True)
    sampled: Tensor = functional.grid_sample(grey, grid.to(grey.dtype), align_corners=False)
    return rearrange(sampled, "clip 1 point (y x) -> clip point y x", y=SIDE)
