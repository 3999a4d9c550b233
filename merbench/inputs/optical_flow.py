"""Dense optical flow between two grey frames, by maintained libraries with their authors' settings."""

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


def optical_strain(field: Field) -> Field:
    """The strain magnitude `(height width)` of a displacement `(uv height width)`.

    The norm of the infinitesimal strain tensor, sqrt(exx² + eyy² + 2 exy²) with exx = du/dx, eyy = dv/dy and
    exy = (du/dy + dv/dx) / 2, by central differences, one-sided at the border (Shreve et al., FG 2011). Rigid shifts
    have none, and of turns only what is of second order.
    """
    import numpy as np

    u, v = field[0], field[1]
    u_down, u_right = np.gradient(u)
    v_down, v_right = np.gradient(v)
    shear = (u_down + v_right) / 2
    return np.asarray(np.sqrt(u_right**2 + v_down**2 + 2 * shear**2), dtype=np.float32)


def resampled(field: Field, size: tuple[int, int], *, strain: bool, rescale: bool) -> Field:
    """A displacement `(uv height width)`, or with strain as its third channel, as it is handed to a method.

    Strain is that of the field before resizing, so at the finest grain; `rescale` gives the displacement in pixels of
    the new size. Strain has no unit of length and stays.
    """
    import numpy as np

    if strain and len(field) == 2:
        field = np.concatenate([field, optical_strain(field)[None]])
    resized = resize_field(field[: 3 if strain else 2], size)
    if rescale:
        resized[0] *= np.float32(size[1] / field.shape[2])
        resized[1] *= np.float32(size[0] / field.shape[1])
    return resized


def resize_field(field: Field, size: tuple[int, int]) -> Field:
    """Every channel at `size` (height, width), bilinear with antialiasing; the values are not scaled."""
    import numpy as np
    from PIL import Image

    if field.shape[1:] == size:
        return field.astype(np.float32)
    height, width = size
    planes = (Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32)) for plane in field)
    return np.stack([np.asarray(plane.resize((width, height), Image.Resampling.BILINEAR)) for plane in planes])


def minmax_scaled(field: Field, low: float, high: float) -> Field:
    """Every channel of `(channel height width)` stretched to low..high; one without contrast is `low` everywhere."""
    import numpy as np

    least = field.min(axis=(1, 2), keepdims=True)
    span = field.max(axis=(1, 2), keepdims=True) - least
    shares = np.divide(field - least, span, out=np.zeros_like(field), where=span > 0)
    return np.asarray(shares * np.float32(high - low) + np.float32(low), dtype=np.float32)


def unit_scaled(field: Field) -> Field:
    """U and v over the longest displacement of `(channel height width)`, strain over its largest; 0 stays 0."""
    import numpy as np

    longest = np.hypot(field[0], field[1]).max()
    scaled = [field[:2] / longest if longest > 0 else field[:2]]
    if len(field) == 3:
        largest = field[2].max()
        scaled.append(field[2:] / largest if largest > 0 else field[2:])
    return np.concatenate(scaled).astype(np.float32)
