"""What one fold of a run leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.kind_names import SINGLE_NAME, KindName
from merbench.plural import plural
from merbench.task_kinds import kind_named


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldResult:
    """Probabilities float32 `(epoch clip class)` of some clips, their keys and truth `(clip ...)`, and what it cost.

    `kind` is `outer` for the held-out clips of a fold, `inner` for the training clips that the rule of that name
    held back. Methods without epochs have one; `draws` says whether such a method took numbers from its generator.
    `peak_memory` is in bytes, of the process or of the GPU.
    """

    fold: str
    kind: str
    keys: tuple[str, ...]
    truth: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float32]
    has_epochs: bool
    seconds: float
    peak_memory: int
    draws: bool = False
    kind_of_task: KindName = SINGLE_NAME

    @property
    def epochs(self) -> int:
        """The number of points in time."""
        return len(self.probabilities)

    def require_sound(self, fold: str, classes: int | None) -> None:
        """Refuse arrays that no training leaves, as a damaged or foreign file may hold.

        Raises:
            ValueError: naming what is wrong.
        """
        clips, shape = len(self.keys), self.probabilities.shape
        if self.fold != fold:
            raise ValueError(f"fold is {self.fold!r}, not {fold!r}")
        if self.probabilities.dtype != np.float32 or len(shape) != 3 or shape[0] < 1 or shape[1] != clips:
            raise ValueError(
                f"probabilities must be float32 (epoch clip class) of {plural(clips, 'clip')}, not "
                f"{self.probabilities.dtype} "
                f"{shape}"
            )
        if classes is not None and shape[2] != classes:
            raise ValueError(f"probabilities have {plural(shape[2], 'class')}, the run {classes}")
        kind = kind_named(self.kind_of_task)
        if fault := kind.truth_fault(self.truth, clips, shape[2]):
            raise ValueError(fault)
        if clips and (fault := kind.probability_fault(self.probabilities, clips, shape[2])):
            raise ValueError(fault)
        if not (np.isfinite(self.seconds) and self.seconds >= 0 and self.peak_memory >= 0):
            raise ValueError(f"seconds and peak_memory must be 0 or more, not {self.seconds} and {self.peak_memory}")
