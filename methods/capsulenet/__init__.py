"""CapsuleNet: capsules on the features of the apex frame (Quang, Chun, Tokuyama, FG 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from merbench.inputs import Frames, Inputs
from merbench.kind_names import BOTH, MULTI_NAME
from merbench.method import NetworkMethod, TrainInfo

from .parameters import CapsuleNetParameters
from .recipes import RECIPES
from .reproductions import REPRODUCTIONS

if TYPE_CHECKING:
    from torch import nn

    from merbench.inputs.moments import Moment

__all__ = ["CapsuleNet", "CapsuleNetParameters"]


class CapsuleNet(NetworkMethod):
    """The first three stages of ResNet-18, then capsules whose votes for a class are routed by how they agree."""

    kinds = BOTH
    name = "capsulenet"
    title = "CapsuleNet"
    family = "image network"
    year = 2019
    reference = "Quang et al., FG 2019, doi 10.1109/FG.2019.8756544; capsules after Sabour et al., NIPS 2017"
    reproductions = REPRODUCTIONS
    Parameters = CapsuleNetParameters
    parameters: CapsuleNetParameters
    recipes = RECIPES

    def inputs(self) -> Inputs:
        """The apex, or the onset and the apex."""
        chosen = self.parameters
        size = (chosen.size, chosen.size)
        at: tuple[Moment, ...] = ("onset", "apex") if chosen.motion == "difference" else ("apex",)
        if chosen.normalise == "imagenet":
            return Inputs(frames=Frames(at=at, size=size))
        return Inputs(frames=Frames(at=at, size=size, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)))

    def network(self, train: TrainInfo) -> nn.Module:
        """A fresh network, called with the apex `(clip 3 height width)`, or with the onset and the apex."""
        from merbench.training.bases.views import Difference

        from .network import Network

        network = Network(self.parameters, classes=len(train.classes), logits=train.kind == MULTI_NAME)
        return Difference(network) if self.parameters.motion == "difference" else network
