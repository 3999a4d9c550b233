"""Which clips each step sees, which of their frames, and how they are augmented."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.entries.recipe import Training
from merbench.training.augmentation import draw_affine, is_plain
from merbench.training.colour import draw_colour
from merbench.training.device.inputs import DeviceInputs
from merbench.training.epoch_plan import EpochPlan
from merbench.training.fold_job import FoldJob
from merbench.training.randomness import generator


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochShape:
    """Clips a step, steps an epoch, and clips of the last step, which may be fewer."""

    size: int
    steps: int
    last: int


def epoch_shape(training: Training, labels: npt.NDArray[np.int64]) -> EpochShape:
    """The shape of every epoch over clips of those labels."""
    clips = len(repeated(labels)) if training.sampling == "repeated" else len(labels)
    size, steps = min(training.batch, clips), steps_an_epoch(clips, training.batch)
    left = clips - (steps - 1) * size
    if training.last_batch == "dropped" and left < size:
        return EpochShape(size=size, steps=steps - 1, last=size)
    return EpochShape(size=size, steps=steps, last=left if training.last_batch == "short" else size)


def steps_an_epoch(clips: int, batch: int) -> int:
    """The number of steps after which every clip was seen once."""
    return math.ceil(clips / min(batch, clips))


def epoch_order(
    labels: npt.NDArray[np.int64], training: Training, generator: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Positions of training clips `(step clip)` for one epoch; of the last step, only `EpochShape.last` may be used.

    Plain: a permutation that wraps round to fill the last step, so that batch statistics never see a ragged batch.
    Balanced: as many draws with replacement, every class equally likely. Repeated: as plain, of the clips repeated.
    By class, nothing is permuted.
    """
    shape = epoch_shape(training, labels)
    if training.sampling == "balanced":
        return generator.choice(len(labels), size=(shape.steps, shape.size), p=_balanced(labels))
    clips = repeated(labels) if training.sampling == "repeated" else np.arange(len(labels))
    if training.order == "by-class":
        order = clips[np.argsort(labels[clips], kind="stable")]
    else:
        order = clips[generator.permutation(len(clips))]
    return np.resize(order, (shape.steps, shape.size))


def repeated(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Positions of clips, each as often as its class goes into the largest one, rounded."""
    counts = np.bincount(labels)
    times = np.rint(counts.max() / np.maximum(counts, 1)).astype(np.int64)
    return np.repeat(np.arange(len(labels)), times[labels])


def _balanced(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    weight = 1.0 / np.bincount(labels)[labels]
    return np.asarray(weight / weight.sum())


class EpochSampler:
    """The epochs of one fold, one after the other, from random streams of its own: other folds do not change them."""

    def __init__(self, training: Training, job: FoldJob, inputs: DeviceInputs, seed: int) -> None:
        self._training, self._job, self._inputs = training, job, inputs
        self._order = generator(seed, job.name, "order")
        self._augmentation = generator(seed, job.name, "augmentation")
        self._colour = generator(seed, job.name, "colour")
        self.shape = epoch_shape(training, job.info.labels)

    def epoch(self) -> EpochPlan:
        """The plan of the next epoch."""
        training, labels = self._training, self._job.info.labels
        order = epoch_order(labels, training, self._order)
        clips = self._job.train[order]
        picks = self._inputs.picks(clips, self._augmentation)
        affine = colour = None
        if not is_plain(training):
            affine = draw_affine(training, order.shape, self._inputs.size, self._augmentation)
        if training.colour_jitter:
            colour = draw_colour(training.colour_jitter, order.shape, self._colour)
        return EpochPlan(
            clips=clips,
            truth=labels[order],
            picks=picks,
            affine=affine,
            colour=colour,
            nearest=training.interpolation == "nearest",
            last=self.shape.last,
        )


def stack_plans(plans: Sequence[EpochPlan]) -> EpochPlan:
    """The epochs of several folds as one, `(step fold clip ...)`."""
    affine = [plan.affine for plan in plans if plan.affine is not None]
    colour = [plan.colour for plan in plans if plan.colour is not None]
    return EpochPlan(
        clips=np.stack([plan.clips for plan in plans], 1),
        truth=np.stack([plan.truth for plan in plans], 1),
        picks=np.stack([plan.picks for plan in plans], 1),
        affine=np.stack(affine, 1) if affine else None,
        colour=np.stack(colour, 1) if colour else None,
        nearest=plans[0].nearest,
        last=plans[0].last,
    )
