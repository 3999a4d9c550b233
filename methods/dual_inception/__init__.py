"""Dual-Inception: a stream of Inception blocks a flow component (Zhou, Mao, Xue, FG 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from merbench.inputs import Flow, Inputs
from merbench.method import NetworkMethod, TrainInfo
from merbench.training import Recipe

from .middle import FlowToMiddle
from .parameters import DualInceptionParameters
from .recipes import RECIPES

if TYPE_CHECKING:
    from merbench.inputs.optical_flow import Algorithm

    from .network import Network

__all__ = ["DualInception"]


class DualInception(NetworkMethod):
    """Horizontal and vertical flow through two Inception blocks each, joined before one hidden layer."""

    name = "dual-inception"
    title = "Dual-Inception"
    family = "flow network"
    year = 2019
    reference = "Zhou, Mao, Xue, FG 2019"
    Parameters = DualInceptionParameters
    parameters: DualInceptionParameters

    def inputs(self) -> Inputs:
        """Flow from the onset to the middle of the clip, or to the apex."""
        chosen = self.parameters
        size, computed = (chosen.size, chosen.size), (chosen.computed, chosen.computed)
        algorithm = cast("Algorithm", chosen.flow)
        kind = FlowToMiddle if chosen.end == "middle" else Flow
        return Inputs(arrays=(kind(size=size, algorithm=algorithm, computed=computed),))

    @classmethod
    def recipes(cls) -> Mapping[str, Recipe]:
        """The settings of a re-implementation, and a quick one for drawn or small data."""
        return RECIPES

    def network(self, train: TrainInfo) -> Network:
        """A fresh network, called with u and v `(clip 2 height width)`."""
        from .network import Network

        return Network(self.parameters, classes=len(train.classes))
