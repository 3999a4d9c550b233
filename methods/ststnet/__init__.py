"""STSTNet: the shallow triple stream network (Liong, Gan, See, Khor, Huang, FG 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from merbench.entries.parameters import parameter
from merbench.entries.recipe import Recipe, Training
from merbench.method import TrainInfo
from merbench.training.bases.flow_network import FlowNetwork, ScaledFlowParameters

from .reproductions import REPRODUCTIONS

if TYPE_CHECKING:
    from .network import Network

__all__ = ["STSTNet", "STSTNetParameters"]


@dataclass(frozen=True, kw_only=True)
class STSTNetParameters(ScaledFlowParameters):
    """The setting of the paper; "release" below means the authors' PyTorch code."""

    size: int = parameter(28, "paper: flow and strain are shrunk to 28 x 28", low=16, high=224)
    flow: str = parameter(
        "tvl1", "paper: TV-L1; the implementation is chosen here", choices=("tvl1", "farneback", "dis")
    )
    computed: int = parameter(
        224, "chosen here: flow of the whole face, then shrunk; the paper's faces differ by dataset", low=16, high=512
    )
    dropout: float = parameter(0.5, "release: after each stream's pooling", low=0.0, high=0.9)


class STSTNet(FlowNetwork):
    """Three parallel convolutions over flow and strain, pooled to a coarse map, then one linear layer."""

    name = "ststnet"
    title = "STSTNet"
    year = 2019
    revision = 2  # streams computed as one on a CPU: other rounding
    reference = "Liong et al., FG 2019, doi 10.1109/FG.2019.8756567"
    reproductions = REPRODUCTIONS
    Parameters = STSTNetParameters
    parameters: STSTNetParameters
    strain = True
    order = ("strain", "v", "u")  # as OpenCV reads the release's pictures
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "published": Recipe(
            source="the authors' PyTorch release: Adam at 5e-5, 800 epochs, of which the last counts, batch 256, never "
            "shuffled, the last batch short, pictures of 0..255",
            training=Training(
                epochs=800, batch=256, optimiser="adam", learning_rate=5e-5, order="by-class", last_batch="short"
            ),
        ),
        "published-shuffled": Recipe(
            source="as published, but with clips shuffled every epoch: chosen here, since unshuffled classes cost the "
            "release score",
            training=Training(epochs=800, batch=256, optimiser="adam", learning_rate=5e-5, last_batch="short"),
        ),
        "short": Recipe(
            source="chosen here: published-shuffled in a twentieth of its epochs at twenty times its rate, last batch "
            "filled",
            training=Training(epochs=40, batch=256, optimiser="adam", learning_rate=1e-3),
        ),
        "published-matlab": Recipe(
            source="the authors' MATLAB script: Adam at 5e-5, 500 epochs, of which the last counts, batch 256; the "
            "order of clips is chosen here",
            training=Training(epochs=500, batch=256, optimiser="adam", learning_rate=5e-5),
        ),
        "quick": Recipe(
            source="chosen here: few epochs at a high rate, for synthetic data and first looks",
            parameters={"computed": 64, "scale": "none"},
            training=Training(epochs=60, batch=16, optimiser="adam", learning_rate=5e-3, schedule="cosine", flip=0.5),
        ),
    }

    def network(self, train: TrainInfo) -> Network:
        """A fresh network, called with strain, v and u `(clip 3 height width)`."""
        from .network import Network

        return Network(self.parameters, classes=len(train.classes))
