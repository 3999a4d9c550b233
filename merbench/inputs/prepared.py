"""Prepared inputs: fixed-shape arrays for all clips of a run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.inputs.base import ArrayInput
from merbench.inputs.declaration import Frames


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedFrames:
    """Frames of all clips: `images` uint8 `(clip moment window rgb height width)`, memory-mapped where cached.

    Of each window the first `counts` `(clip moment)` places are frames, in the order of time; `annotated`
    `(clip moment)` is the place of the annotated frame, the only one used at test time.
    """

    declaration: Frames
    images: npt.NDArray[np.uint8]
    counts: npt.NDArray[np.int64]
    annotated: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedArray:
    """One computed input of all clips: `values` `(clip ...)`, each clip's in the declared shape, memory-mapped."""

    declaration: ArrayInput
    values: npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedInputs:
    """Everything that a method declared, for the same `count` clips in the same order; `notes` are for the user.

    Where clips are tested on other frames than they are trained on, all stand here twice: `tested` is the row where the
    clips as they are tested begin, else 0.
    """

    count: int
    frames: PreparedFrames | None = None
    arrays: tuple[PreparedArray, ...] = ()
    notes: tuple[str, ...] = ()
    tested: int = 0

    @property
    def rows(self) -> int:
        """The number of rows of each input: that of clips, or twice that."""
        return self.tested + self.count

    def tested_rows(self, clips: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The rows of clips, by their positions, as they are tested."""
        return clips + self.tested
