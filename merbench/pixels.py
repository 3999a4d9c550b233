"""Frames at their size, with or without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from merbench._images import resize

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def grey_at(frame: npt.NDArray[np.uint8], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """The frame `(height width rgb)` in grey levels `(height width)` at `size` (height, width).

    ITU-R 601 luma, then bilinear with antialiasing: both as Pillow does them.
    """
    import numpy as np
    from PIL import Image

    height, width = size
    grey = Image.fromarray(frame).convert("L")
    return np.asarray(grey.resize((width, height), Image.Resampling.BILINEAR))


def pixels_at(frame: npt.NDArray[np.uint8], size: tuple[int, int], *, grey: bool) -> npt.NDArray[np.uint8]:
    """The frame `(height width rgb)` at `size` (height, width), channels first: `(1 or 3 height width)`."""
    if grey:
        return grey_at(frame, size)[None]
    return resize(frame, size).transpose(2, 0, 1)
