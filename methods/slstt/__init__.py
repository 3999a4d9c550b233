"""SLSTT: short and long range relation based spatio-temporal transformer (Zhang et al., TAFFC 2022)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from merbench.inputs import FlowSequence, Inputs
from merbench.method import NetworkMethod, TrainInfo

from .parameters import SLSTTParameters
from .recipes import RECIPES

if TYPE_CHECKING:
    from .network import Network

__all__ = ["SLSTT", "SLSTTParameters"]


class SLSTT(NetworkMethod):
    """A vision transformer sees the flow from the onset to each of several frames; an LSTM or their mean sums it up."""

    name = "slstt"
    title = "SLSTT"
    family = "sequence"
    year = 2022
    reference = "Zhang et al., IEEE Transactions on Affective Computing 2022, arXiv 2112.05851"
    Parameters = SLSTTParameters
    parameters: SLSTTParameters
    recipes = RECIPES

    def inputs(self) -> Inputs:
        """The flow from the onset to frames that lie evenly after it."""
        chosen = self.parameters
        size = (chosen.size, chosen.size)
        return Inputs(arrays=(FlowSequence(frames=chosen.frames, size=size, algorithm="farneback"),))

    def network(self, train: TrainInfo) -> Network:
        """A fresh network, called with flow `(clip time uv height width)` in pixels."""
        from .network import Network

        return Network(self.parameters, classes=len(train.classes))
