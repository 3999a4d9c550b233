"""OFF-ApexNet: two streams over the flow from onset to apex (Gan, Liong, Yau, Huang, Tan, SPIC 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from merbench.inputs import Flow, Inputs
from merbench.method import NetworkMethod, TrainInfo
from merbench.training import Recipe

from .parameters import OFFApexNetParameters
from .recipes import RECIPES

if TYPE_CHECKING:
    from merbench.inputs.optical_flow import Algorithm

    from .network import Network

__all__ = ["OFFApexNet"]


class OFFApexNet(NetworkMethod):
    """Horizontal and vertical flow through a stream of two convolutions each, joined before two hidden layers."""

    name = "off-apexnet"
    title = "OFF-ApexNet"
    family = "flow network"
    year = 2019
    reference = "Gan et al., SPIC 2019, arXiv 1805.08699"
    Parameters = OFFApexNetParameters
    parameters: OFFApexNetParameters

    def inputs(self) -> Inputs:
        """Flow from onset to apex."""
        chosen = self.parameters
        size, computed = (chosen.size, chosen.size), (chosen.computed, chosen.computed)
        algorithm = cast("Algorithm", chosen.flow)
        return Inputs(arrays=(Flow(size=size, algorithm=algorithm, computed=computed),))

    @classmethod
    def recipes(cls) -> Mapping[str, Recipe]:
        """The settings of two re-implementations, and a quick one for drawn or small data."""
        return RECIPES

    def network(self, train: TrainInfo) -> Network:
        """A fresh network, called with u and v `(clip 2 height width)`."""
        from .network import Network

        return Network(self.parameters, classes=len(train.classes))
