"""Four regions of the face, cut out around the eyes and the corners of the mouth."""

from __future__ import annotations

import torch
from einops import rearrange
from torch import Tensor

#: Of the 68 points in iBUG's order, those whose mean is the middle of a region: the eyes, the corners of the mouth.
#: Left and right are those of the picture; so the regions lie as the face does.
MIDDLES = (slice(36, 42), slice(42, 48), slice(48, 49), slice(54, 55))

#: Their middles, x and y of 28 x 28 pixels, where the release finds no landmarks: cut to whole pixels within 7..21.
FIXED = ((9, 11), (21, 10), (10, 21), (20, 21))


def fixed_regions(flow: Tensor) -> Tensor:
    """The regions of flow `(clip channel 28 28)` at the places `FIXED`, laid out as by `regions`."""
    quarter = flow.shape[-1] // 4
    left_eye, right_eye, left_corner, right_corner = (
        flow[..., y - quarter : y + quarter, x - quarter : x + quarter] for x, y in FIXED
    )
    eyes, mouth = torch.cat((left_eye, right_eye), -1), torch.cat((left_corner, right_corner), -1)
    return torch.cat((eyes, mouth), -2)


def regions(flow: Tensor, points: Tensor) -> Tensor:
    """The four regions of flow `(clip channel side side)`, each half its side, laid out to a picture of that shape.

    `points` are the 68 `(clip point xy)` in its pixels. Middles are rounded, and clamped so that a region stays inside.
    """
    side = flow.shape[-1]
    half, quarter = side // 2, side // 4
    middles = torch.stack([points[:, own].contiguous().mean(1) for own in MIDDLES], dim=1)
    first = middles.round().clamp(quarter, side - quarter).to(torch.int64) - quarter  # clip region xy
    steps = torch.arange(half, device=flow.device)
    x, y = first[..., 0, None] + steps, first[..., 1, None] + steps
    places = rearrange(y[..., :, None] * side + x[..., None, :], "clip region y x -> clip 1 (region y x)")
    flat = rearrange(flow, "clip channel y x -> clip channel (y x)")
    gathered = torch.gather(flat, 2, places.expand(-1, flow.shape[1], -1))
    return rearrange(
        gathered, "clip channel (down right y x) -> clip channel (down y) (right x)", down=2, right=2, y=half, x=half
    )
