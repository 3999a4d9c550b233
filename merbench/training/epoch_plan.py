"""The random draws of one epoch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochPlan:
    """An epoch on the host: positions of `clips` `(step clip)` and their labels `truth` `(step clip ...)`.

    `picks` `(step clip moment)` are frames of each moment's window; `affine` `(step clip 2 3)` and `colour`
    `(step clip 8)` are None where nothing is moved, or no colour changed, and `nearest` says how what is moved is read
    between pixels. Of the last step only the first `last` clips are used, or all where it is None.
    """

    clips: npt.NDArray[np.int64]
    truth: npt.NDArray[np.int64]
    picks: npt.NDArray[np.int64]
    affine: npt.NDArray[np.float32] | None
    last: int | None = None
    colour: npt.NDArray[np.float32] | None = None
    nearest: bool = False
