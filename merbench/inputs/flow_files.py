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

    An ``.npy`` array `(channel height width)` or `(height width channel)` is taken as it stands. An 8-bit picture
    holds u in red, v in green and strain in blue: u and v are (value - 128) / 127, so that 128 is no motion, strain is
    value / 255. Such files were scaled by whoever made them, so their unit is not pixels.

    Raises:
        FrameError: naming the file and the rule.
    """
    return _array(path) if path.suffix.lower() == ".npy" else _picture(path)


def _array(path: Path) -> npt.NDArray[np.float32]:
    import numpy as np

    found = read_array(path, "flow")
    if found.ndim == 3 and found.shape[0] not in (2, 3) and found.shape[2] in (2, 3):
        found = np.moveaxis(found, 2, 0)
    if found.ndim != 3 or found.shape[0] not in (2, 3) or found.dtype.kind not in "fiu" or 0 in found.shape:
        raise FrameError(
            f"{path}: the flow must be numbers of shape (2 or 3, height, width) or (height, width, 2 or 3), channels "
            f"u, v, strain; it is {found.dtype} of shape {found.shape}."
        )
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
        flow = np.ascontiguousarray(found, dtype=np.float32)
    if not np.isfinite(flow).all():
        raise FrameError(f"{path}: the flow has values that are no finite numbers; mend the file.")
    return flow


def _picture(path: Path) -> npt.NDArray[np.float32]:
    import numpy as np

    from merbench._images import decode

    levels = decode(path).astype(np.float32).transpose(2, 0, 1)
    return np.concatenate([(levels[:2] - 128) / 127, levels[2:] / 255]).astype(np.float32)
