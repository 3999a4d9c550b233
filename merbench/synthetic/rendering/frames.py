"""Drawing a clip's frames, and saying what moved in them.

A displacement d is the motion of facial points. Frames are drawn backwards: the pixel p of a frame shows the face
without expression at p - d(p), which for these small, smooth motions is near forward motion by d.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .anatomy import neutral_landmarks
from .displacement import displacement
from .face import resting_face
from .geometry import draw_geometry
from .motion import head_pose, intensity, lighting
from .plan import ClipPlan
from .view import Plane, View, crop_view
from .warp import sample

Frames = NDArray[np.uint8]


def draw_frames(plan: ClipPlan, numbers: Sequence[int], size: tuple[int, int] = (224, 224)) -> Frames:
    """The clip's frames `(frame height width 3)`, RGB, at the given frame numbers; `size` is (height, width).

    224 units of the face fill the shorter side. A frame's bytes do not depend on the other numbers asked for.
    Frames before the onset show the resting expression, those after the offset what is left of the motion there.
    """
    return draw_view(plan, numbers, crop_view(size))


def ground_truth_motion(plan: ClipPlan, number: int, size: tuple[int, int] = (224, 224)) -> Plane:
    """The expression's own motion since the onset `(height width 2)`, x then y, in pixels of that image.

    The resting expression and the head's motion are not in it.
    """
    view = crop_view(size)
    _, expression = _fields(plan, view)
    return np.asarray(expression * np.float32(intensity(plan, number) * view.scale), dtype=np.float32)


def ground_truth_motion_by_unit(plan: ClipPlan, number: int, size: tuple[int, int] = (224, 224)) -> dict[int, Plane]:
    """What each action unit adds to `ground_truth_motion`, by its number."""
    view = crop_view(size)
    g, (x, y), share = draw_geometry(plan.identity), view.grid(), intensity(plan, number) * view.scale
    return {unit.number: displacement(g, [unit], x, y) * np.float32(share) for unit in plan.action_units}


def landmarks(plan: ClipPlan, number: int, size: tuple[int, int] = (224, 224)) -> Plane:
    """The 68 iBUG landmarks `(68 2)`, x y in pixels of that image, as the face is seen in the frame.

    Resting expression, planted motion and head motion are in them; (0, 0) is the first pixel's centre.
    """
    return view_landmarks(plan, number, crop_view(size))


def draw_view(plan: ClipPlan, numbers: Sequence[int], view: View) -> Frames:
    """The clip's frames `(frame height width 3)` through any window."""
    frames = np.empty((len(numbers), view.height, view.width, 3), dtype=np.uint8)
    for k, number in enumerate(numbers):
        frames[k] = _frame(plan, int(number), view)
    return frames


def view_landmarks(plan: ClipPlan, number: int, view: View) -> Plane:
    """The 68 landmarks `(68 2)` in pixels of a window: where the frame shows the neutral face's landmarks."""
    g, share = draw_geometry(plan.identity), intensity(plan, number)
    neutral = neutral_landmarks(g).astype(np.float32)
    points = neutral
    for _ in range(20):
        x, y = points[:, 0], points[:, 1]
        moved = displacement(g, plan.resting, x, y) + np.float32(share) * displacement(g, plan.action_units, x, y)
        if plan.unrelated is not None:
            moved = moved + plan.unrelated.motion(g, number, x, y)
        points = 0.5 * points + 0.5 * (neutral + moved)
    return view.to_pixels(head_pose(plan, number).forward(points))


@lru_cache(maxsize=4)
def _fields(plan: ClipPlan, view: View) -> tuple[Plane, Plane]:
    g, (x, y) = draw_geometry(plan.identity), view.grid()
    return displacement(g, plan.resting, x, y), displacement(g, plan.action_units, x, y)


def _frame(plan: ClipPlan, number: int, view: View) -> Frames:
    face, fine = resting_face(plan.identity, view)
    resting, expression = _fields(plan, view)
    moved = resting + np.float32(intensity(plan, number)) * expression
    x, y = view.grid()
    if plan.unrelated is not None:
        moved = moved + plan.unrelated.motion(draw_geometry(plan.identity), number, x, y)
    from_x, from_y = head_pose(plan, number).backward(x, y)
    column = (from_x - moved[..., 0] - np.float32(fine.left)) * np.float32(fine.scale) - np.float32(0.5)
    row = (from_y - moved[..., 1] - np.float32(fine.top)) * np.float32(fine.scale) - np.float32(0.5)
    image = sample(face, column, row) * lighting(plan, number, x, y)
    rng = np.random.default_rng(np.random.SeedSequence([plan.seed, 7, number]))
    image += np.float32(plan.difficulty.noise) * rng.standard_normal(image.shape, dtype=np.float32)
    image += np.float32(0.5)
    return np.moveaxis(np.clip(image, 0, 255).astype(np.uint8), 0, -1)
