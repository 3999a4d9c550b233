"""SSSNet: a shallow single stream over flow and strain (Varanka, Peng, Zhao, HVEI 2021)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from merbench.inputs import Flow, Inputs
from merbench.method import NetworkMethod, TrainInfo
from merbench.training import Recipe

from .parameters import SSSNetParameters
from .recipes import RECIPES

if TYPE_CHECKING:
    from merbench.inputs.optical_flow import Algorithm

    from .network import Network

__all__ = ["SSSNet"]


class SSSNet(NetworkMethod):
    """Two convolutions over flow and strain, one hidden layer, dropout throughout."""

    name = "sssnet"
    title = "SSSNet"
    family = "flow network"
    year = 2021
    reference = "Varanka et al., HVEI 2021; released in MEB, arXiv 2211.11425"
    Parameters = SSSNetParameters
    parameters: SSSNetParameters

    def inputs(self) -> Inputs:
        """Flow from onset to apex with its optical strain."""
        chosen = self.parameters
        size, computed = (chosen.size, chosen.size), (chosen.computed, chosen.computed)
        algorithm = cast("Algorithm", chosen.flow)
        return Inputs(arrays=(Flow(size=size, algorithm=algorithm, strain=True, computed=computed),))

    @classmethod
    def recipes(cls) -> Mapping[str, Recipe]:
        """The settings of the release, and a quick one for drawn or small data."""
        return RECIPES

    def network(self, train: TrainInfo) -> Network:
        """A fresh network, called with u, v and strain `(clip 3 height width)`."""
        from .network import Network

        return Network(self.parameters, classes=len(train.classes))
