"""CapsuleNet: capsules on the features of the apex frame (Quang, Chun, Tokuyama, FG 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from merbench.inputs import Frames, Inputs
from merbench.method import NetworkMethod, TrainInfo
from merbench.training import Recipe

from .parameters import CapsuleNetParameters
from .recipes import RECIPES

if TYPE_CHECKING:
    from torch import nn

__all__ = ["CapsuleNet", "CapsuleNetParameters"]


class CapsuleNet(NetworkMethod):
    """The first three stages of ResNet-18, then capsules whose votes for a class are routed by how they agree."""

    name = "capsulenet"
    title = "CapsuleNet"
    family = "image network"
    year = 2019
    reference = "Quang et al., FG 2019, doi 10.1109/FG.2019.8756544; capsules after Sabour et al., NIPS 2017"
    Parameters = CapsuleNetParameters
    parameters: CapsuleNetParameters

    def inputs(self) -> Inputs:
        """The apex, or the onset and the apex."""
        chosen = self.parameters
        size = (chosen.size, chosen.size)
        return Inputs(frames=Frames(at=("onset", "apex") if chosen.motion == "difference" else ("apex",), size=size))

    @classmethod
    def recipes(cls) -> Mapping[str, Recipe]:
        """The released settings as described, and a quick one for drawn or small data."""
        return RECIPES

    def network(self, train: TrainInfo) -> nn.Module:
        """A fresh network, called with the apex `(clip 3 height width)`, or with the onset and the apex."""
        from merbench.training.bases.views import Difference

        from .network import Network

        made = Network(self.parameters, classes=len(train.classes))
        return Difference(made) if self.parameters.motion == "difference" else made
