"""The face as a camera sees it: head, shoulders and wall."""

from collections.abc import Sequence

import numpy as np

from .frames import Frames, draw_view
from .plan import ClipPlan
from .view import SPAN, View


def face_box(plan: ClipPlan, size: tuple[int, int] = (480, 640)) -> tuple[int, int, int, int]:
    """Where the face lies in a raw frame of `size` (height, width): top, left, height, width in pixels."""
    height, width = size
    rng = np.random.default_rng(np.random.SeedSequence([plan.identity, 4]))
    side = round(min(height, 0.75 * width) * rng.uniform(0.52, 0.6))
    top = round(0.44 * height - side / 2 + 0.02 * height * rng.uniform(-1, 1))
    left = round(width / 2 - side / 2 + 0.03 * width * rng.uniform(-1, 1))
    return top, left, side, side


def draw_raw_frames(plan: ClipPlan, numbers: Sequence[int], size: tuple[int, int] = (480, 640)) -> Frames:
    """The clip's frames `(frame height width 3)`, RGB, in a wider scene with the face in `face_box`."""
    top, left, side, _ = face_box(plan, size)
    scale = side / SPAN
    view = View(height=size[0], width=size[1], scale=scale, left=-left / scale, top=-top / scale)
    return draw_view(plan, numbers, view)
