"""SSSNet: a shallow single stream over flow and strain (Varanka, Peng, Zhao, HVEI 2021)."""

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

__all__ = ["SSSNet", "SSSNetParameters"]


@dataclass(frozen=True, kw_only=True)
class SSSNetParameters(FlowParameters):
    """The setting of the release, MEB."""

    size: int = parameter(64, "release: flow and strain at 64 x 64", low=16, high=224)
    hidden: int = parameter(256, "release: the hidden layer", low=16, high=4096)
    dropout: float = parameter(
        0.5, "release: of whole maps after both convolutions, of single values in the hidden layer", low=0.0, high=0.9
    )
    softmax: bool = parameter(
        False, "release: off by default; its notebook's 0.7394 had a softmax before the cross-entropy's own"
    )


class SSSNet(FlowNetwork):
    """Two convolutions over flow and strain, one hidden layer, dropout throughout."""

    name = "sssnet"
    title = "SSSNet"
    year = 2021
    reference = "Varanka et al., HVEI 2021; released in MEB, arXiv 2211.11425"
    reproductions = REPRODUCTIONS
    Parameters = SSSNetParameters
    parameters: SSSNetParameters
    strain = True
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "published": Recipe(
            source="the notebook of MEB with UF1 0.7394: Adam at 1e-4 with weight decay 1e-3, batch 32, 200 epochs, of "
            "which the last counts, a softmax before the cross-entropy",
            parameters={"softmax": True},
            training=Training(epochs=200, batch=32, optimiser="adam", learning_rate=1e-4, weight_decay=1e-3),
        ),
        "short": Recipe(
            source="chosen here: a quarter of the published epochs at four times the rate; the card has both scores",
            parameters={"softmax": True},
            training=Training(epochs=50, batch=32, optimiser="adam", learning_rate=4e-4, weight_decay=1e-3),
        ),
        "quick": Recipe(
            source="chosen here: few epochs at a high rate and smaller inputs, for synthetic data and first looks",
            parameters={"computed": 64, "size": 40},
            training=Training(
                epochs=30,
                batch=16,
                optimiser="adam",
                learning_rate=1e-3,
                weight_decay=1e-3,
                schedule="cosine",
                flip=0.5,
            ),
        ),
    }

    def network(self, train: TrainInfo) -> Network:
        """A fresh network, called with u, v and strain `(clip 3 height width)`."""
        from .network import Network

        return Network(self.parameters, classes=len(train.classes))
