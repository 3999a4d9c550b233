"""Flow that came with the data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from merbench.data.precomputed import read_array
from merbench.errors import FrameError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def read_flow(path: Path) -> npt.NDArray[np.float32]:
    """The flow in a file: float32 `(channel height width)`, channels u, v and, where the file has it, strain.

    An ``.npy`` array `(channel height width)` or `(height width channel)` holds pixels and is used unchanged; 0 is no
    motion. One of bytes is refused, since bytes are what pictures hold. A picture of three channels of 8 bits holds u
    in red, v in green and strain in blue; u and v are read as (value - 128) / 127 and strain as value / 255.
    Its author scaled it, so its unit is not pixels, and 128 need not be no motion: of pictures that were stretched
    clip by clip it is not. A method with ``scale=minmax`` is handed the values themselves.

    Raises:
        FrameError: naming the file and the rule.
    """
    import numpy as np

    if not is_picture(path):
        return _array(path)
    levels = read_picture(path)
    return np.concatenate([(levels[:2] - 128) / 127, levels[2:] / 255]).astype(np.float32)


def is_picture(path: Path) -> bool:
    """Whether the file is a picture, whose 8-bit values have no unit."""
    return path.suffix.lower() != ".npy"


def read_picture(path: Path) -> npt.NDArray[np.float32]:
    """The values 0..255 of a flow picture as they are: `(channel height width)`, u in red, v in green, strain in blue.

    Raises:
        FrameError: if it cannot be decoded, or has one channel alone.
    """
    import numpy as np

    from merbench._files.images import channels, decode

    if channels(path) == 1:
        raise FrameError(
            f"{path}: a flow picture must have three channels, u in red, v in green and strain in blue, but this "
            "has one; save u and v as a picture in colour, or as an .npy array of shape (2, height, width)."
        )
    return decode(path).astype(np.float32).transpose(2, 0, 1)


def _array(path: Path) -> npt.NDArray[np.float32]:
    import numpy as np

    array = read_array(path, "flow")
    if array.ndim == 3 and array.shape[0] not in (2, 3) and array.shape[2] in (2, 3):
        array = np.moveaxis(array, 2, 0)
    if array.ndim != 3 or array.shape[0] not in (2, 3) or array.dtype.kind not in "fiu" or 0 in array.shape:
        raise FrameError(
            f"{path}: the flow must be numbers of shape (2 or 3, height, width) or (height, width, 2 or 3), channels "
            f"u, v, strain; it is {array.dtype} of shape {array.shape}."
        )
    if array.dtype == np.uint8:
        raise FrameError(
            f"{path}: the flow is an array of bytes (uint8), which cannot be displacements in pixels; save it as a "
            ".png picture if it holds levels 0..255, or as float32 in pixels."
        )
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
        flow = np.ascontiguousarray(array, dtype=np.float32)
    if not np.isfinite(flow).all():
        raise FrameError(f"{path}: the flow has values that are not finite; replace the file.")
    return flow
