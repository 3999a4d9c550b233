"""The majority control: always the most frequent training class, or every unit that training clips have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from merbench.inputs import Inputs
from merbench.kind_names import BOTH, MULTI_NAME
from merbench.method import FittedMethod, Predictor, Samples, TrainInfo

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Majority(FittedMethod):
    """Gives every clip the class shares of the training clips, and so predicts their most frequent class.

    Of a multi-label task, it gives every clip every unit that a training clip has: F1 of a unit whose share is p is
    then 2p / (1 + p), more than by any other guess that sees no frame. It is the row "Constant" of MEB.
    """

    name = "majority"
    title = "Majority class"
    family = "control"
    kinds = BOTH

    def inputs(self) -> Inputs:
        """Nothing: labels are enough."""
        return Inputs()

    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        """A predictor that knows the class shares, or the units that there are."""
        import numpy as np

        if train.kind == MULTI_NAME:
            return _Shares((train.labels.sum(axis=0) > 0).astype(np.float32))
        counts = np.bincount(train.labels, minlength=len(train.classes))
        return _Shares((counts / counts.sum()).astype(np.float32))


class _Shares(Predictor):
    def __init__(self, shares: npt.NDArray[np.float32]) -> None:
        self.shares = shares

    def probabilities(self, held_out: Samples) -> npt.NDArray[np.float32]:
        return self.shares[None].repeat(held_out.count, axis=0)
