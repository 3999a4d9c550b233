"""Displacement fields: their strain, and their size."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Field = npt.NDArray[np.float32]


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


def delivered(field: Field, size: tuple[int, int], *, strain: bool, rescale: bool) -> Field:
    """A displacement `(uv height width)`, or with strain as its third channel, as it is handed to a method.

    Strain is that of the field before resizing, so at the finest grain; `rescale` gives the displacement in pixels of
    the new size. Strain has no unit of length and stays.
    """
    import numpy as np

    if strain and len(field) == 2:
        field = np.concatenate([field, optical_strain(field)[None]])
    found = resize_field(field[: 3 if strain else 2], size)
    if rescale:
        found[0] *= np.float32(size[1] / field.shape[2])
        found[1] *= np.float32(size[0] / field.shape[1])
    return found


def resize_field(field: Field, size: tuple[int, int]) -> Field:
    """Every channel at `size` (height, width), bilinear with antialiasing; the values are not scaled."""
    import numpy as np
    from PIL import Image

    if field.shape[1:] == size:
        return field.astype(np.float32)
    height, width = size
    planes = (Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32)) for plane in field)
    return np.stack([np.asarray(plane.resize((width, height), Image.Resampling.BILINEAR)) for plane in planes])
