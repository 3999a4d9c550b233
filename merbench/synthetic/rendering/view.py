"""The face's own plane, and how an image looks onto it.

The face lies in a plane measured in *units*: 224 down are hairline to chin, x right, y down, and the face's middle
is (112, 112). One unit is one pixel of the default frame.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Plane: TypeAlias = NDArray[np.float32]

SPAN = 224.0


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A window onto the face's plane: `scale` pixels a unit, its left and top edges in units."""

    height: int
    width: int
    scale: float
    left: float
    top: float

    def grid(self) -> tuple[Plane, Plane]:
        """Pixel centres in units: x `(1 width)` and y `(height 1)`."""
        x = (np.arange(self.width, dtype=np.float32) + 0.5) / self.scale + self.left
        y = (np.arange(self.height, dtype=np.float32) + 0.5) / self.scale + self.top
        return x.astype(np.float32)[None, :], y.astype(np.float32)[:, None]

    def to_pixels(self, points: NDArray[np.floating]) -> Plane:
        """Points `(point 2)` in units as pixel coordinates, where the first pixel's centre is 0."""
        moved = (points - np.array([self.left, self.top])) * self.scale - 0.5
        return np.asarray(moved, dtype=np.float32)

    def widened(self, margin: float, scale: float) -> "View":
        """The same window with `margin` units more on every side, at another scale."""
        return View(
            height=int(np.ceil((self.height / self.scale + 2 * margin) * scale)),
            width=int(np.ceil((self.width / self.scale + 2 * margin) * scale)),
            scale=scale,
            left=self.left - margin,
            top=self.top - margin,
        )


def crop_view(size: tuple[int, int]) -> View:
    """The window of a face crop of `size` (height, width): 224 units fill the shorter side."""
    height, width = size
    if height < 8 or width < 8:
        raise ValueError(f"size {size} must be (height, width) of at least 8 pixels each")
    scale = min(height, width) / SPAN
    middle = SPAN / 2
    return View(
        height=height,
        width=width,
        scale=scale,
        left=middle - width / 2 / scale,
        top=middle - height / 2 / scale,
    )
