"""What is drawn for an epoch of a fold: which clips in which step, which of their frames, and how they are moved."""

from __future__ import annotations

import numpy as np

from merbench.entries.recipe import Training
from merbench.training.augmentation import draw_affine, is_plain
from merbench.training.device.inputs import DeviceInputs
from merbench.training.epoch_plan import Drawn
from merbench.training.fold_job import FoldTask
from merbench.training.randomness import generator
from merbench.training.sampling import epoch_order, steps_an_epoch


class Draws:
    """The epochs of one fold, one after the other, from streams of its own: company does not change them."""

    def __init__(self, training: Training, task: FoldTask, inputs: DeviceInputs, seed: int) -> None:
        self._training, self._task, self._inputs = training, task, inputs
        self._order = generator(seed, task.name, "order")
        self._augmentation = generator(seed, task.name, "augmentation")
        self.size = min(training.batch, len(task.train))
        self.steps = steps_an_epoch(len(task.train), training.batch)

    def epoch(self) -> Drawn:
        """The next epoch."""
        training, labels = self._training, self._task.info.labels
        order = epoch_order(labels, training.batch, training.sampling, self._order)
        clips = self._task.train[order]
        picks = self._inputs.picks(clips, self._augmentation)
        affine = None
        if not is_plain(training):
            affine = draw_affine(training, order.shape, self._inputs.size, self._augmentation)
        return Drawn(clips=clips, truth=labels[order], picks=picks, affine=affine)


def together(epochs: list[Drawn]) -> Drawn:
    """Epochs of several folds as one, `(step fold clip ...)`."""
    affine = [drawn.affine for drawn in epochs if drawn.affine is not None]
    return Drawn(
        clips=np.stack([drawn.clips for drawn in epochs], 1),
        truth=np.stack([drawn.truth for drawn in epochs], 1),
        picks=np.stack([drawn.picks for drawn in epochs], 1),
        affine=np.stack(affine, 1) if affine else None,
    )
