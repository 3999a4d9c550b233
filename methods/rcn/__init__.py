"""RCN: shallow recurrent convolutions over flow, in three variants (Xia, Peng, Khor, Feng, Zhao, TIP 2020)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from merbench.inputs import Flow, Inputs
from merbench.method import NetworkMethod, TrainInfo
from merbench.training import Recipe

from .parameters import RCNParameters, ShortcutParameters, WideParameters
from .recipes import RECIPES

if TYPE_CHECKING:
    from merbench.inputs.optical_flow import Algorithm

    from .network import Network

__all__ = ["RCNA", "RCNS", "RCNW"]


class _RCN(NetworkMethod):
    """What the variants share: flow with strain, and the recipes."""

    family = "flow network"
    year = 2020
    reference = "Xia et al., TIP 2020, arXiv 2006.09674"
    Parameters = RCNParameters
    parameters: RCNParameters

    def inputs(self) -> Inputs:
        """Flow from onset to apex with its optical strain."""
        chosen = self.parameters
        size, computed = (chosen.size, chosen.size), (chosen.computed, chosen.computed)
        algorithm = cast("Algorithm", chosen.flow)
        return Inputs(arrays=(Flow(size=size, algorithm=algorithm, strain=True, computed=computed),))

    @classmethod
    def recipes(cls) -> Mapping[str, Recipe]:
        """The settings of the released script and of its manual, and a quick one for drawn or small data."""
        return RECIPES


class RCNA(_RCN):
    """A recurrent convolution, weighted by the class-activation map of the features that enter it."""

    name = "rcn-a"
    title = "RCN-A"

    def network(self, train: TrainInfo) -> Network:
        """A fresh network, called with u, v and strain `(clip 3 height width)`."""
        from .network import attending

        return attending(self.parameters, classes=len(train.classes))


class RCNS(_RCN):
    """A recurrent convolution whose every pass sees the sum of all before it."""

    name = "rcn-s"
    title = "RCN-S"
    Parameters = ShortcutParameters
    parameters: ShortcutParameters

    def network(self, train: TrainInfo) -> Network:
        """A fresh network, called with u, v and strain `(clip 3 height width)`."""
        from .network import shortcut

        return shortcut(self.parameters, classes=len(train.classes))


class RCNW(_RCN):
    """A recurrent convolution behind a stem of three dilated branches."""

    name = "rcn-w"
    title = "RCN-W"
    Parameters = WideParameters
    parameters: WideParameters

    def network(self, train: TrainInfo) -> Network:
        """A fresh network, called with u, v and strain `(clip 3 height width)`."""
        from .network import wide

        return wide(self.parameters, classes=len(train.classes))
