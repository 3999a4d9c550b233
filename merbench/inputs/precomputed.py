"""Inputs that were made elsewhere: a file a clip, of three channels such as u, v and strain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from merbench.errors import FrameError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: What may be made elsewhere; strain lies in the file of the flow.
PRECOMPUTED = ("flow",)
#: The files that are read: arrays, and pictures of 8 bits; JPEG alters what it stores.
ENDINGS = (".npy", ".png", ".jpg", ".jpeg", ".bmp")


def read_precomputed(path: Path) -> npt.NDArray[np.float32]:
    """What a file holds, as it stands: float32 `(channel height width)`, three channels: of flow u, v, strain.

    An .npy file holds numbers `(height width channel)`, whose unit is its maker's. A picture has 8 bits a channel in
    the order red, green, blue, each delivered as value / 255: such pictures are scaled between a least and a greatest
    value that they do not tell, so that neither pixels nor the place of no motion can be had back. OpenCV writes the
    first channel of an array to blue: save what it is given as .npy, or turn the channels round before.

    Raises:
        FrameError: naming the file, what is wrong with it, and the mend.
    """
    return _array(path) if path.suffix.lower() == ".npy" else _picture(path)


def read_array(path: Path, what: str) -> npt.NDArray[Any]:
    """The array in an .npy file, mapped, not loaded; `what` it holds is what an error calls it.

    Raises:
        FrameError: if the file is missing, damaged, or holds no plain array.
    """
    import warnings
    from tokenize import TokenError
    from zipfile import BadZipFile

    import numpy as np

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of headers that Python 2 wrote
            found = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError, BadZipFile, SyntaxError, TokenError, OverflowError, MemoryError) as fault:
        raise FrameError(f"{path}: the {what} cannot be read ({fault}); save with numpy.save.") from fault
    if not isinstance(found, np.ndarray):
        found.close()
        raise FrameError(
            f"{path}: the {what} must be one array, but it is an archive of several; save with numpy.save."
        )
    return found


def _array(path: Path) -> npt.NDArray[np.float32]:
    import numpy as np

    found = read_array(path, "precomputed input")
    if found.ndim != 3 or found.shape[2] != 3 or 0 in found.shape or found.dtype.kind not in "fiu":
        raise FrameError(
            f"{path}: the array must be numbers (height, width, 3), but it is {found.dtype} of shape {found.shape}; "
            "save it so."
        )
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
        array = np.ascontiguousarray(np.moveaxis(found, 2, 0), dtype=np.float32)
    if not np.isfinite(array).all():
        raise FrameError(f"{path}: {(~np.isfinite(array)).sum()} of its values are no finite float32; mend them.")
    return array


def _picture(path: Path) -> npt.NDArray[np.float32]:
    import numpy as np
    from PIL import Image

    try:
        with Image.open(path) as image:
            if image.mode != "RGB":
                raise FrameError(
                    f"{path}: the picture must have three channels of 8 bits, but its mode is {image.mode}; "
                    "save it as RGB, or the values as .npy."
                )
            values = np.asarray(image, dtype=np.float32)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as fault:
        if isinstance(fault, FrameError):
            raise
        reason = str(fault) or type(fault).__name__
        raise FrameError(f"{path} cannot be decoded ({reason}); replace the file.") from fault
    return np.ascontiguousarray(values.transpose(2, 0, 1)) / np.float32(255)
