"""The 36 regions of the face, from its 68 landmarks. Which ones is a choice: the paper's figure was not to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Points = npt.NDArray[np.float32]

#: Midpoints of regions as shares of landmarks (iBUG order), on the left of the image; the shares sum to 1.
SIDE: tuple[dict[int, float], ...] = (
    {18: 2.0, 37: -1.0},  # forehead above the brow's outer half, as far again as the lid lies below
    {20: 2.0, 38: -1.0},  # forehead above its inner half
    {17: 0.5, 18: 0.5},  # brow, outer end
    {19: 1.0},  # brow, middle
    {20: 0.5, 21: 0.5},  # brow, inner end
    {0: 0.3, 36: 0.7},  # outer corner of the eye
    {40: 0.5, 41: 0.5},  # lower lid
    {28: 0.5, 39: 0.5},  # side of the nose
    {31: 1.0},  # wing of the nose
    {2: 0.25, 31: 0.25, 41: 0.5},  # cheek, upper
    {3: 0.4, 36: 0.3, 48: 0.3},  # cheek, outer
    {31: 0.5, 48: 0.5},  # fold between nose and mouth
    {4: 0.5, 48: 0.5},  # cheek, lower
    {48: 1.0},  # corner of the mouth
    {32: 0.3, 50: 0.7},  # upper lip
    {7: 0.2, 58: 0.8},  # lower lip
    {7: 0.5, 58: 0.5},  # chin, side
)
MIDDLE: tuple[dict[int, float], ...] = ({21: 0.5, 22: 0.5}, {8: 0.5, 57: 0.5})  # between the brows, and the chin
REGIONS = 2 * len(SIDE) + len(MIDDLE)

#: The landmark that mirrors each one.
MIRROR = (
    *range(16, -1, -1),
    *range(26, 16, -1),
    *range(27, 31),
    *range(35, 30, -1),
    *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),
    *range(54, 47, -1),
    *range(59, 54, -1),
    *range(64, 59, -1),
    *(67, 66, 65),
)
#: The outer corners of the eyes.
CORNERS = (36, 45)


def centres(points: Points) -> Points:
    """The midpoints `(clip region xy)` of landmarks `(clip 68 xy)`: left of the image, right of it, middle."""
    import numpy as np

    right = [{MIRROR[point]: share for point, share in shares.items()} for shares in SIDE]
    weights = np.zeros((REGIONS, 68), dtype=np.float32)
    for region, shares in enumerate((*SIDE, *right, *MIDDLE)):
        weights[region, list(shares)] = list(shares.values())
    return weights @ points


def regions(points: Points, size: tuple[int, int], radius: float) -> npt.NDArray[np.int64]:
    """The region of each pixel, `(clip height width)`: that of the nearest midpoint; `REGIONS` where none is near.

    Near is what lies within `radius` times the distance of the outer eye corners.
    """
    import numpy as np

    middles = centres(points)[:, :, None, None]
    rows, columns = (np.arange(length, dtype=np.float32) for length in size)
    squares = (columns - middles[..., 0]) ** 2 + (rows[:, None] - middles[..., 1]) ** 2
    reach = radius * np.linalg.norm(points[:, CORNERS[0]] - points[:, CORNERS[1]], axis=-1)
    near = squares.min(axis=1) <= reach[:, None, None] ** 2
    return np.where(near, squares.argmin(axis=1), REGIONS)
