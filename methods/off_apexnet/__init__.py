"""OFF-ApexNet: two streams over the flow from onset to apex (Gan, Liong, Yau, Huang, Tan, SPIC 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from merbench.entries.parameters import parameter
from merbench.entries.recipe import Recipe, Training
from merbench.method import TrainInfo
from merbench.training.bases.flow_network import FlowNetwork, FlowParameters

from .reproductions import REPRODUCTIONS

if TYPE_CHECKING:
    from .network import Network

__all__ = ["OFFApexNet", "OFFApexNetParameters"]


@dataclass(frozen=True, kw_only=True)
class OFFApexNetParameters(FlowParameters):
    """The setting of the paper."""

    size: int = parameter(28, "paper: each flow image is 28 x 28", low=16, high=224)
    flow: str = parameter(
        "tvl1", "paper: TV-L1; the implementation is chosen here", choices=("tvl1", "farneback", "dis")
    )
    computed: int = parameter(
        224, "chosen here: flow of the whole face, then shrunk; the paper's faces differ by dataset", low=16, high=512
    )
    hidden: int = parameter(1024, "paper: both hidden layers", low=16, high=4096)


class OFFApexNet(FlowNetwork):
    """Horizontal and vertical flow through a stream of two convolutions each, joined before two hidden layers."""

    name = "off-apexnet"
    title = "OFF-ApexNet"
    year = 2019
    reference = "Gan et al., SPIC 2019, arXiv 1805.08699"
    reproductions = REPRODUCTIONS
    Parameters = OFFApexNetParameters
    parameters: OFFApexNetParameters
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "published": Recipe(
            source="two re-implementations: Adam at 1e-4 for 3000 epochs; the batch is chosen here, and the authors' "
            "own settings are not known",
            training=Training(epochs=3000, batch=256, optimiser="adam", learning_rate=1e-4),
        ),
        "short": Recipe(
            source="chosen here: a twentieth of the published epochs at twenty times the rate; both scores: its card",
            training=Training(epochs=150, batch=256, optimiser="adam", learning_rate=2e-3),
        ),
        "quick": Recipe(
            source="chosen here: few epochs at a high rate with warm-up, for synthetic data and first looks",
            parameters={"computed": 64},
            training=Training(
                epochs=30,
                batch=16,
                optimiser="adam",
                learning_rate=5e-4,
                schedule="cosine",
                warmup_epochs=1.0,
                flip=0.5,
            ),
        ),
    }

    def network(self, train: TrainInfo) -> Network:
        """A fresh network, called with u and v `(clip 2 height width)`."""
        from .network import Network

        return Network(self.parameters, classes=len(train.classes))
