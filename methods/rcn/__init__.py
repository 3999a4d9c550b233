"""RCN: shallow recurrent convolutions over flow, in three variants (Xia, Peng, Khor, Feng, Zhao, TIP 2020)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from merbench.method import TrainInfo
from merbench.training.bases.flow_network import FlowNetwork

from .parameters import RCNParameters, ShortcutParameters, WideParameters
from .recipes import RECIPES
from .reproductions import REPRODUCTIONS

if TYPE_CHECKING:
    from .network import Network

__all__ = ["RCNA", "RCNS", "RCNW"]


class _RCN(FlowNetwork):
    """What the variants share: flow with strain, and the recipes."""

    year = 2020
    reference = "Xia et al., TIP 2020, arXiv 2006.09674"
    Parameters = RCNParameters
    parameters: RCNParameters
    strain = True
    value_range = (0.0, 1.0)  # release: its pictures are divided by 255
    recipes = RECIPES


class RCNA(_RCN):
    """A recurrent convolution, weighted by the class-activation map of the features that enter it."""

    name = "rcn-a"
    title = "RCN-A"
    reproductions = REPRODUCTIONS

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
