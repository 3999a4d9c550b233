"""The majority control: always the most frequent training class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from merbench.inputs import Inputs
from merbench.method import FittedMethod, Predictor, Samples, TrainInfo

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Majority(FittedMethod):
    """Gives every clip the class shares of the training clips, and so predicts their most frequent class."""

    name = "majority"
    title = "Majority class"
    family = "control"

    def inputs(self) -> Inputs:
        """Nothing: labels are enough."""
        return Inputs()

    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        """A predictor that knows the class shares."""
        import numpy as np

        counts = np.bincount(train.labels, minlength=len(train.classes))
        return _Shares((counts / counts.sum()).astype(np.float32))


class _Shares(Predictor):
    def __init__(self, shares: npt.NDArray[np.float32]) -> None:
        self.shares = shares

    def probabilities(self, held_out: Samples) -> npt.NDArray[np.float32]:
        return self.shares[None].repeat(held_out.count, axis=0)
