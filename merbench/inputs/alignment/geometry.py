"""Cuts: affine maps from a crop to the frame that it is taken from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Points = npt.NDArray[np.float32]
    Cut = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CropStyle:
    """A crop: its size (height, width), whether its sides stay in proportion, and the room around the landmarks.

    `margin` is a share of the landmarks' box on every side.
    """

    size: tuple[int, int]
    square: bool
    margin: float
    reason: str


STYLES = {
    "dlib-68": CropStyle(
        size=(224, 224),
        square=True,
        margin=0.05,
        reason="MMNet-style: a tight square from brows to chin at the network's 224 pixels; its authors name dlib and "
        "give no measures, so these are chosen here",
    ),
    "dlib-68-ststnet": CropStyle(
        size=(128, 128),
        square=False,
        margin=0.0,
        reason="STSTNet-style: the landmarks' own box, stretched to a square that is later shrunk to 28 pixels; 128 "
        "pixels are chosen here",
    ),
}


def face_cut(points: Points, style: CropStyle) -> Cut:
    """The cut `(2 3)` for 68 landmarks `(point xy)` in pixels: from places of the crop to places of the frame.

    The frame is turned until the line between the middles of the eyes is level; the box holds jaw and brows.
    """
    import numpy as np

    places = points.astype(np.float64) + 0.5
    across = places[42:48].mean(0) - places[36:42].mean(0)
    cos, sin = across / np.hypot(*across)
    turn = np.array([[cos, -sin], [sin, cos]])  # from level axes to those of the frame
    level = places[:27] @ turn
    low, high = level.min(0), level.max(0)
    sides = (high - low) * (1 + 2 * style.margin)
    if style.square:
        sides = np.full(2, sides.max())
    height, width = style.size
    scaled = turn * (sides / (width, height))
    return np.column_stack([scaled, turn @ ((low + high - sides) / 2)])


def cut_out(
    frame: npt.NDArray[np.uint8], cut: npt.NDArray[np.floating], size: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    """The crop of `size` (height, width) that a cut takes from a frame `(height width rgb)`; black beyond its edge."""
    import numpy as np
    from PIL import Image

    image, coefficients = Image.fromarray(frame), cut.astype(np.float64)
    coarser = int(np.sqrt(abs(np.linalg.det(coefficients[:, :2]))) + 1e-6)
    if coarser > 1:  # bilinear sampling alone would skip pixels
        image, coefficients = image.reduce(coarser), coefficients / coarser
    height, width = size
    flat = tuple(coefficients.ravel().tolist())
    moved = image.transform((width, height), Image.Transform.AFFINE, flat, Image.Resampling.BILINEAR)
    return np.asarray(moved)


def points_in_crop(points: Points, cut: npt.NDArray[np.floating]) -> Points:
    """Landmarks `(point xy)` in pixels of the frame, in pixels of the crop."""
    import numpy as np

    turn = cut[:, :2].astype(np.float64)
    places = np.linalg.solve(turn, (points + 0.5 - cut[:, 2]).T).T
    return np.asarray(places - 0.5, dtype=np.float32)
