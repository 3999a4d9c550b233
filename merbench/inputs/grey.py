"""Frames without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
