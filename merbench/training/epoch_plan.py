"""An epoch as it was drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """An epoch on the host: positions of `clips` and their labels `truth`, `(step clip)`.

    `picks` `(step clip moment)` are frames of each moment's window; `affine` `(step clip 2 3)` is None where nothing
    is moved.
    """

    clips: npt.NDArray[np.int64]
    truth: npt.NDArray[np.int64]
    picks: npt.NDArray[np.int64]
    affine: npt.NDArray[np.float32] | None
