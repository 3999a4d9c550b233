"""HTNet: a hierarchical transformer on four regions of the face (Wang et al., Neurocomputing 2024)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from merbench.entries.parameters import Parameters, parameter
from merbench.inputs import Flow, Inputs, Landmarks
from merbench.method import NetworkMethod, TrainInfo

from .recipes import RECIPES
from .reproductions import REPRODUCTIONS

if TYPE_CHECKING:
    from merbench.inputs.flow import Scale
    from merbench.inputs.optical_flow import Algorithm

    from .network import Network

__all__ = ["HTNet", "HTNetParameters"]

#: Pixels a side of the flow, and of the picture that four regions of half its side are laid out to (paper).
SIDE = 28


@dataclass(frozen=True, kw_only=True)
class HTNetParameters(Parameters):
    """The released setting; the network sees 28 x 28 pixels in four by four patches, whatever is set here."""

    flow: str = parameter(
        "tvl1", "paper, after STSTNet: TV-L1 from onset to apex", choices=("tvl1", "farneback", "dis")
    )
    computed: int = parameter(
        112, "chosen here: flow is computed at this size and then shrunk to 28 x 28", low=28, high=512
    )
    scale: str = parameter(
        "minmax",
        "release: each channel of each clip's picture spans its range; `none`: pixels of displacement; `unit`: "
        "over the longest displacement of the clip",
        choices=("minmax", "none", "unit"),
    )
    width: int = parameter(256, "paper: of the first level; doubled at each of the two that follow", low=12, high=512)
    regions: str = parameter(
        "landmarks",
        "paper: around the eyes and the corners of the mouth; `fixed`: where the release cuts them out of a face in "
        "which it finds none, for flow that comes without landmarks",
        choices=("landmarks", "fixed"),
        later=True,
    )
    depth: int = parameter(10, "paper: layers of the last level; the first two have two each", low=1, high=16)


class HTNet(NetworkMethod):
    """Flow around the eyes and the corners of the mouth, through three levels that see ever larger blocks.

    Each block holds a single patch, so attention within it has one token and weighs nothing: see the card.
    """

    name = "htnet"
    title = "HTNet"
    family = "flow network"
    year = 2024
    reference = "Wang et al., Neurocomputing 2024, arXiv 2307.14637"
    reproductions = REPRODUCTIONS
    Parameters = HTNetParameters
    parameters: HTNetParameters
    recipes = RECIPES

    def inputs(self) -> Inputs:
        """Flow from onset to apex with its strain and, unless regions are fixed, the landmarks of the apex; 28 x 28."""
        chosen, size = self.parameters, (SIDE, SIDE)
        computed = (chosen.computed, chosen.computed)
        flow = Flow(
            size=size,
            computed=computed,
            algorithm=cast("Algorithm", chosen.flow),
            strain=True,
            scale=cast("Scale", chosen.scale),
            order=("strain", "v", "u") if chosen.scale == "minmax" else (),
        )
        if chosen.regions == "fixed":
            return Inputs(arrays=(flow,))
        return Inputs(arrays=(flow, Landmarks(at=("apex",), size=size)))

    def network(self, train: TrainInfo) -> Network:
        """A fresh network, called with flow and strain `(clip 3 28 28)`, and landmarks `(clip 1 68 xy)` if any."""
        from .network import Network

        return Network(self.parameters, classes=len(train.classes))
