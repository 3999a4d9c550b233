"""What a training is told, and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import nn

from merbench.errors import TrainingError
from merbench.method import TrainInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldTask:
    """One training: positions of the clips trained on and watched, and what is known of those trained on.

    The labels of the watched clips are not here: the engine never has them.
    """

    name: str
    train: npt.NDArray[np.int64]
    watch: npt.NDArray[np.int64]
    info: TrainInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What one training left: probabilities `(epoch clip class)` of the watched clips, and the network.

    `packing` is the number of folds that it was trained together with, itself counted.
    """

    probabilities: npt.NDArray[np.float32]
    network: nn.Module
    packing: int = 1


def require_finite(method: str, task: FoldTask, probabilities: npt.NDArray[np.float32]) -> None:
    """Nothing, if the probabilities `(epoch clip class)` of a fold are numbers.

    Raises:
        TrainingError: with the first epoch after which they are not.
    """
    finite = np.isfinite(probabilities).all(axis=(1, 2))
    if not finite.all():
        epoch = int(np.argmin(finite)) + 1
        raise TrainingError(
            f"{method}, fold {task.name}: the outputs are not finite after epoch {epoch}; "
            "lower learning_rate, or set precision to float32."
        )


def require_logits(method: str, task: FoldTask, shape: tuple[int, ...], clips: int) -> None:
    """Nothing, if logits are of the shape `(clip class)`.

    Raises:
        TrainingError: if they are not.
    """
    wanted = (clips, len(task.info.classes))
    if shape != wanted:
        raise TrainingError(
            f"{method}, fold {task.name}: the network gives {shape}, but logits must be (clip class) {wanted}."
        )
