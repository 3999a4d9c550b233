"""Frame files to arrays."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from merbench.errors import FrameError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def decode(path: Path) -> npt.NDArray[np.uint8]:
    """One frame file as uint8 `(height width rgb)`; grey frames are repeated over the channels.

    Pillow decodes: unlike OpenCV, it refuses a truncated file instead of filling the rest with grey.

    Raises:
        FrameError: naming the file and why it cannot be decoded.
    """
    import numpy as np
    from PIL import Image

    try:
        with Image.open(path) as image:
            if image.mode.startswith(("I", "F")):
                raise ValueError(f"pixels of mode {image.mode}, only 8 bits a channel are read")
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as fault:
        reason = str(fault) or type(fault).__name__
        raise FrameError(f"{path} cannot be decoded ({reason}); replace the file or leave it out.") from fault


def resize(frame: npt.NDArray[np.uint8], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """The frame at `size` (height, width), bilinear with antialiasing, as torchvision resizes Pillow images."""
    import numpy as np
    from PIL import Image

    if frame.shape[:2] == size:
        return frame
    height, width = size
    return np.asarray(Image.fromarray(frame).resize((width, height), Image.Resampling.BILINEAR))
