"""Dual-Inception: a stream of Inception blocks a flow component (Zhou, Mao, Xue, FG 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from merbench.entries.parameters import parameter
from merbench.entries.recipe import Recipe, Training
from merbench.inputs import Flow
from merbench.method import TrainInfo
from merbench.training.bases.flow_network import FlowNetwork, FlowParameters

from .middle import FlowToMiddle

if TYPE_CHECKING:
    from .network import Network

__all__ = ["DualInception", "DualInceptionParameters"]


@dataclass(frozen=True, kw_only=True)
class DualInceptionParameters(FlowParameters):
    """The setting of the paper."""

    size: int = parameter(28, "paper: u and v at 28 x 28", low=16, high=224)
    flow: str = parameter(
        "tvl1", "paper, abstract: TV-L1; the implementation is chosen here", choices=("tvl1", "farneback", "dis")
    )
    end: str = parameter(
        "middle", "paper, abstract: flow from the onset to the mid-position frame", choices=("middle", "apex")
    )
    hidden: int = parameter(1024, "paper: the hidden layer", low=16, high=4096)


class DualInception(FlowNetwork):
    """Horizontal and vertical flow through two Inception blocks each, joined before one hidden layer."""

    name = "dual-inception"
    title = "Dual-Inception"
    year = 2019
    reference = "Zhou, Mao, Xue, FG 2019"
    Parameters = DualInceptionParameters
    parameters: DualInceptionParameters
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "published": Recipe(
            source="a re-implementation (that of Off-TANet's authors): Adam at 1e-3 for 500 epochs; the batch is "
            "chosen here, and the settings of the paper are not known",
            training=Training(epochs=500, batch=256, optimiser="adam", learning_rate=1e-3),
        ),
        "quick": Recipe(
            source="chosen here: few epochs with warm-up, for synthetic data and first looks",
            parameters={"computed": 64},
            training=Training(
                epochs=25,
                batch=16,
                optimiser="adam",
                learning_rate=5e-4,
                schedule="cosine",
                warmup_epochs=1.0,
                flip=0.5,
            ),
        ),
    }

    @property
    def flow_input(self) -> type[Flow]:
        """Flow to the middle of the clip, or to the apex."""
        return FlowToMiddle if self.parameters.end == "middle" else Flow

    def network(self, train: TrainInfo) -> Network:
        """A fresh network, called with u and v `(clip 2 height width)`."""
        from .network import Network

        return Network(self.parameters, classes=len(train.classes))
