"""R(2+1)D-18: a video network with spatial and temporal convolutions apart (Tran et al., CVPR 2018)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from merbench.entries.parameters import Parameters, file_parameter, parameter
from merbench.inputs import Inputs, Sequence
from merbench.method import NetworkMethod, TrainInfo

from .recipes import RECIPES

if TYPE_CHECKING:
    from .network import Network

__all__ = ["R2Plus1D", "R2Plus1DParameters"]


@dataclass(frozen=True, kw_only=True)
class R2Plus1DParameters(Parameters):
    """How many frames of which size, and how wide the network is."""

    size: int = parameter(112, "Tran et al., and MEB (arXiv 2211.11425): 112 x 112", low=16, high=256)
    frames: int = parameter(8, "MEB: eight frames, evenly from onset to offset", low=2, high=64)
    motion: str = parameter(
        "frames",
        "MEB: RGB frames as they are; `difference`: each less the onset, so that identity cancels",
        choices=("frames", "difference"),
    )
    width: int = parameter(
        64, "torchvision's r2plus1d_18: channels of the first stage, doubled three times", low=4, high=128, step=4
    )
    weights: str = file_parameter(
        "chosen here: no weights (MEB has those of Kinetics); a file with torchvision's r2plus1d_18, .safetensors or a "
        "state_dict() that torch saved"
    )


class R2Plus1D(NetworkMethod):
    """Eighteen layers, each 3D convolution split into one over the picture and one over time."""

    name = "r2plus1d"
    title = "R(2+1)D-18"
    family = "sequence"
    year = 2018
    reference = "Tran et al., CVPR 2018; for micro-expressions MEB, Varanka et al., arXiv 2211.11425"
    Parameters = R2Plus1DParameters
    parameters: R2Plus1DParameters
    recipes = RECIPES
    learning_settings: ClassVar[Mapping[str, object]] = {"epochs": 16, "batch": 8}

    def inputs(self) -> Inputs:
        """Frames evenly from onset to offset."""
        size = (self.parameters.size, self.parameters.size)
        return Inputs(arrays=(Sequence(frames=self.parameters.frames, size=size),))

    def network(self, train: TrainInfo) -> Network:
        """A fresh network, called with frames `(clip time 3 height width)` in 0..1."""
        from .network import Network

        return Network(self.parameters, classes=len(train.classes))
