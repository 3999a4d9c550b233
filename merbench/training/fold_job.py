"""The training of one fold: what goes in, and what comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from merbench.errors import TrainingError
from merbench.method import TrainInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The values that a network starts from in place of the method's own, which only arrays in `free` keep."""

    tensors: Mapping[str, Tensor]
    free: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldJob:
    """One training: positions of the training and held-out clips, and what a method may know of the training clips.

    The labels of the held-out clips are not here: the engine never has them. `start` has the values that the network
    starts from, where they are not the method's own.
    """

    name: str
    train: npt.NDArray[np.int64]
    held_out: npt.NDArray[np.int64]
    info: TrainInfo
    start: Start | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedFold:
    """The result of one training: probabilities `(epoch clip class)` of the held-out clips, and the network.

    `parallel_folds` is the number of folds that were trained at once, this one included.
    """

    probabilities: npt.NDArray[np.float32]
    network: nn.Module
    parallel_folds: int = 1


def load_start(method: str, job: FoldJob, network: nn.Module, start: Start) -> None:
    """Give the network the values that the job starts from.

    Raises:
        TrainingError: if they do not fit it.
    """
    try:
        own = network.state_dict()
        network.load_state_dict({**{name: own[name] for name in start.free if name in own}, **start.tensors})
    except RuntimeError as fault:
        raise TrainingError(
            f"{method}, fold {job.name}: the weights to start from do not fit the network: "
            f"{' '.join(str(fault).split())[:200]} Give the settings that they were trained with."
        ) from fault


def require_finite(method: str, job: FoldJob, probabilities: npt.NDArray[np.float32], precision: str) -> None:
    """Check that the probabilities `(epoch clip class)` of a fold are finite.

    Raises:
        TrainingError: naming the first epoch after which they are not.
    """
    finite = np.isfinite(probabilities).all(axis=(1, 2))
    if not finite.all():
        epoch = int(np.argmin(finite)) + 1
        # processors have kernels for bfloat16 whose gradients are not finite, so that comes first
        remedy = "run it with --precision float32, or " if precision == "bfloat16" else ""
        raise TrainingError(
            f"{method}, fold {job.name}: the outputs are not finite after epoch {epoch}; {remedy}lower learning_rate."
        )


@contextmanager
def batch_of_one_refused(method: str, job: FoldJob) -> Iterator[None]:
    """A block for a forward pass in training: a layer that cannot normalise over one value is refused in a sentence.

    Raises:
        TrainingError: if the network cannot be trained on one clip a batch.
    """
    try:
        yield
    except ValueError as fault:
        if "more than 1 value per channel" not in str(fault):
            raise
        raise TrainingError(
            f"{method}, fold {job.name}: its network normalises over a batch, and one clip alone gives it one value a "
            "channel. Set a batch of 2 or more, give at least 2 clips to train on, or take larger images."
        ) from fault


def require_logits(method: str, job: FoldJob, shape: tuple[int, ...], clips: int) -> None:
    """Check that logits have the shape `(clip class)`.

    Raises:
        TrainingError: if they have not.
    """
    expected = (clips, len(job.info.classes))
    if shape != expected:
        raise TrainingError(
            f"{method}, fold {job.name}: the network gives {shape}, but logits must be (clip class) {expected}."
        )
