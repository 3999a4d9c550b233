"""The random control: labels drawn afresh at every epoch, which shows what picking epochs on test clips is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from merbench.entries.parameters import Parameters, parameter
from merbench.inputs import Inputs
from merbench.kind_names import BOTH, MULTI_NAME
from merbench.method import FittedMethod, Predictor, Samples, TrainInfo

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, kw_only=True)
class RandomParameters(Parameters):
    """How often labels are drawn."""

    epochs: int = parameter(
        100,
        "chosen here: about what the field trains for; next to a run, set the run's epochs",
        low=1,
        high=10_000,
    )


class Random(FittedMethod):
    """Draws every clip's class, or each of its units, from the training shares, again at each epoch."""

    name = "random"
    title = "Random labels"
    family = "control"
    kinds = BOTH
    Parameters = RandomParameters
    check_exempt: ClassVar[Mapping[str, str]] = {"clips": "labels are drawn in the order in which clips are requested"}
    parameters: RandomParameters

    def inputs(self) -> Inputs:
        """Nothing: labels are enough."""
        return Inputs()

    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        """A predictor that draws from the class shares."""
        import numpy as np

        if train.kind == MULTI_NAME:
            return _UnitDraws(train.labels.mean(axis=0), self.parameters.epochs, generator)
        counts = np.bincount(train.labels, minlength=len(train.classes))
        return _Draws(counts / counts.sum(), self.parameters.epochs, generator)


class _Draws(Predictor):
    def __init__(self, shares: npt.NDArray[np.float64], epochs: int, generator: np.random.Generator) -> None:
        self.shares, self.epochs, self.generator = shares, epochs, generator

    def probabilities(self, held_out: Samples) -> npt.NDArray[np.float32]:
        import numpy as np

        labels = self.generator.choice(len(self.shares), size=(self.epochs, held_out.count), p=self.shares)
        return np.eye(len(self.shares), dtype=np.float32)[labels]


class _UnitDraws(_Draws):
    def probabilities(self, held_out: Samples) -> npt.NDArray[np.float32]:
        import numpy as np

        draws = self.generator.random((self.epochs, held_out.count, len(self.shares)))
        return (draws < self.shares).astype(np.float32)
