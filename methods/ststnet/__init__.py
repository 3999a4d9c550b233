"""STSTNet: the shallow triple stream network (Liong, Gan, See, Khor, Huang, FG 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from merbench.inputs import Flow, Inputs
from merbench.method import NetworkMethod, TrainInfo
from merbench.training import Recipe

from .parameters import STSTNetParameters
from .recipes import RECIPES

if TYPE_CHECKING:
    from merbench.inputs.optical_flow import Algorithm

    from .network import Network

__all__ = ["STSTNet"]


class STSTNet(NetworkMethod):
    """Three parallel convolutions over flow and strain, pooled to a coarse map, then one linear layer."""

    name = "ststnet"
    title = "STSTNet"
    family = "flow network"
    year = 2019
    reference = "Liong et al., FG 2019, doi 10.1109/FG.2019.8756567"
    Parameters = STSTNetParameters
    parameters: STSTNetParameters

    def inputs(self) -> Inputs:
        """Flow from onset to apex with its optical strain."""
        chosen = self.parameters
        size, computed = (chosen.size, chosen.size), (chosen.computed, chosen.computed)
        algorithm = cast("Algorithm", chosen.flow)
        return Inputs(arrays=(Flow(size=size, algorithm=algorithm, strain=True, computed=computed),))

    @classmethod
    def recipes(cls) -> Mapping[str, Recipe]:
        """The settings of the authors' two releases, and a quick one for drawn or small data."""
        return RECIPES

    def network(self, train: TrainInfo) -> Network:
        """A fresh network, called with u, v and strain `(clip 3 height width)`."""
        from .network import Network

        return Network(self.parameters, classes=len(train.classes))
