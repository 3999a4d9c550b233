"""Dense optical flow between two grey frames, by well-kept libraries with settings of their authors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    import numpy.typing as npt

    Grey = npt.NDArray[np.uint8]
    Field = npt.NDArray[np.float32]

Algorithm = Literal["tvl1", "farneback", "dis"]

#: The distribution that computes each.
LIBRARIES = {"tvl1": "scikit-image", "farneback": "opencv-python", "dis": "opencv-python"}

#: scikit-image's defaults, written out so that a later release cannot change them unseen. Its `attachment` weighs the
#: data term on grey levels 0..1: Zach, Pock & Bischof, DAGM 2007, as refined by Wedel et al., 2009.
TVL1: Mapping[str, Any] = {
    "attachment": 15,
    "tightness": 0.3,
    "num_warp": 5,
    "num_iter": 10,
    "tol": 1e-4,
    "prefilter": False,
}

#: The settings of OpenCV's own documentation of dense flow: three levels, each half the one before, means over 15
#: pixels, quadratics fitted to 5 pixels (Farneback, SCIA 2003).
FARNEBACK: Mapping[str, Any] = {
    "pyr_scale": 0.5,
    "levels": 3,
    "winsize": 15,
    "iterations": 3,
    "poly_n": 5,
    "poly_sigma": 1.2,
    "flags": 0,
}

#: OpenCV's preset of the middle, with variational refinement on the finest level but one (Kroeger et al., ECCV 2016).
#: The number is `cv2.DISOPTICAL_FLOW_PRESET_MEDIUM`, which may not be imported before it is needed.
DIS_PRESET = 2


def optical_flow(first: Grey, second: Grey, algorithm: Algorithm) -> Field:
    """The displacement from `first` to `second`, both uint8 `(height width)`: float32 `(uv height width)` in pixels.

    A point of `first` at (column, row) lies in `second` at (column + u, row + v).
    """
    computed: Mapping[str, Callable[[Grey, Grey], Field]] = {"tvl1": _tvl1, "farneback": _farneback, "dis": _dis}
    return computed[algorithm](first, second)


def _tvl1(first: Grey, second: Grey) -> Field:
    import numpy as np
    from skimage.registration import optical_flow_tvl1

    one, two = (image.astype(np.float32) / np.float32(255) for image in (first, second))
    rows, columns = optical_flow_tvl1(one, two, dtype=np.float32, **TVL1)
    return np.stack([columns, rows]).astype(np.float32)


def _farneback(first: Grey, second: Grey) -> Field:
    import cv2

    start: Any = None  # no first guess; the stubs want one
    return _channels_first(cv2.calcOpticalFlowFarneback(first, second, start, **FARNEBACK))


def _dis(first: Grey, second: Grey) -> Field:
    import cv2
    import numpy as np

    start: Any = None
    one, two = np.ascontiguousarray(first), np.ascontiguousarray(second)  # it refuses views
    return _channels_first(cv2.DISOpticalFlow.create(DIS_PRESET).calc(one, two, start))


def _channels_first(field: npt.NDArray[Any]) -> Field:
    import numpy as np

    return np.ascontiguousarray(field.transpose(2, 0, 1), dtype=np.float32)
