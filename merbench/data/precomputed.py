"""Inputs that were made elsewhere: a file a clip, of three channels such as u, v and strain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from merbench.errors import FrameError

if TYPE_CHECKING:
    import numpy.typing as npt

#: What may be made elsewhere; strain lies in the file of the flow.
PRECOMPUTED = ("flow",)
#: The files that are read: arrays, and pictures of 8 bits; JPEG alters what it stores.
ENDINGS = (".npy", ".png", ".jpg", ".jpeg", ".bmp")


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
            array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError, BadZipFile, SyntaxError, TokenError, OverflowError, MemoryError) as fault:
        raise FrameError(f"{path}: the {what} cannot be read ({fault}); save with numpy.save.") from fault
    if not isinstance(array, np.ndarray):
        array.close()
        raise FrameError(
            f"{path}: the {what} must be one array, but it is an archive of several; save with numpy.save."
        )
    return array
