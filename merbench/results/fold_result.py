"""What one fold of a run leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Probabilities float32 `(epoch clip class)` of some clips, their keys and truth `(clip)`, and what it cost.

    `kind` is `outer` for the held-out clips of a fold, `inner` for the training clips that the rule of that name
    kept back. Methods without epochs have one. `peak_memory` is in bytes, of the process or of the GPU.
    """

    fold: str
    kind: str
    keys: tuple[str, ...]
    truth: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float32]
    has_epochs: bool
    seconds: float
    peak_memory: int

    @property
    def epochs(self) -> int:
        """The number of points in time."""
        return len(self.probabilities)
