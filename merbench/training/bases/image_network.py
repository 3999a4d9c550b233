"""Methods that are one image network on one picture of a clip's motion; subclasses say which network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from merbench.entries.parameters import Parameters, file_parameter, parameter
from merbench.inputs import Flow, Frames, Inputs
from merbench.method import NetworkMethod, TrainInfo

if TYPE_CHECKING:
    from torch import nn

    from merbench.inputs.optical_flow import Algorithm


@dataclass(frozen=True, kw_only=True)
class ImageParameters(Parameters):
    """What the network sees, and the weights it starts from."""

    size: int = parameter(112, "MEB (arXiv 2211.11425): image networks at 112 x 112", low=16, high=512)
    motion: str = parameter(
        "flow+strain",
        "MEB: u, v and optical strain from onset to apex; `difference`: the apex less the onset; `apex`: that frame "
        "alone, where who it is outweighs what moved",
        choices=("flow+strain", "difference", "apex"),
    )
    flow: str = parameter(
        "tvl1",
        "chosen here: what most flow networks of the field compute; used where motion=flow+strain",
        choices=("tvl1", "farneback", "dis"),
    )
    weights: str = file_parameter(
        "chosen here: no weights; a file with the network's own, .safetensors or a state_dict() that torch saved"
    )


class ImageNetwork(NetworkMethod):
    """A network of timm under a name; `network_name` says which."""

    Parameters = ImageParameters
    parameters: ImageParameters
    check_settings: ClassVar[Mapping[str, object]] = {"size": 32}
    learning_settings: ClassVar[Mapping[str, object]] = {"size": 32, "epochs": 12, "batch": 8}

    @property
    def network_name(self) -> str:
        """The network's name in timm."""
        raise NotImplementedError

    def inputs(self) -> Inputs:
        """The apex, or the onset and the apex, or the flow between them and its strain."""
        chosen = self.parameters
        size = (chosen.size, chosen.size)
        if chosen.motion == "flow+strain":
            return Inputs(arrays=(Flow(size=size, algorithm=cast("Algorithm", chosen.flow), strain=True),))
        return Inputs(frames=Frames(at=("onset", "apex") if chosen.motion == "difference" else ("apex",), size=size))

    def network(self, train: TrainInfo) -> nn.Module:
        """A fresh network, called with one picture `(clip 3 height width)`, or with the onset's and the apex's."""
        from merbench.training.bases.timm_networks import timm_network
        from merbench.training.bases.views import Difference

        network = timm_network(
            self.network_name,
            channels=3,
            size=self.parameters.size,
            classes=len(train.classes),
            weights=self.parameters.weights,
        )
        return Difference(network) if self.parameters.motion == "difference" else network
