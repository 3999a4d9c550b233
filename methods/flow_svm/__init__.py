"""The flow control: a linear machine on raw optical flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, get_args

from merbench.entries.parameters import parameter
from merbench.entries.recipe import Recipe
from merbench.inputs import Flow, Inputs
from merbench.inputs.optical_flow import Algorithm
from merbench.method import Samples
from merbench.training.bases.feature_method import FeatureMethod
from merbench.training.bases.svm import SVMParameters

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, kw_only=True)
class FlowSVMParameters(SVMParameters):
    """Which flow is seen, and the machine on it."""

    size: int = parameter(28, "what the shallow flow networks of the field see", low=4, high=224)
    computed: int = parameter(128, "chosen here: pixels a side of the face of which flow is computed", low=16, high=512)
    flow: str = parameter(
        "tvl1", "chosen here: TV-L1 is what most flow networks of the field compute", choices=get_args(Algorithm)
    )
    strain: bool = parameter(False, "chosen here: u and v only; with strain, a third plane")
    kernel: str = parameter("linear", "what makes it a control", choices=("linear",))


class FlowSVM(FeatureMethod):
    """A linear support vector machine on the displacement from onset to apex, pixel by pixel."""

    name = "flow-svm"
    title = "Linear SVM on raw flow"
    family = "control"
    year = 2022
    reference = "a baseline of Varanka et al., arXiv 2211.11425"
    Parameters = FlowSVMParameters
    parameters: FlowSVMParameters
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "published": Recipe(source="the defaults; the source's kernel, cost and size were not to be read"),
        "quick": Recipe(
            source="chosen here: Farneback's flow, a fraction of TV-L1's time", parameters={"flow": "farneback"}
        ),
    }

    def inputs(self) -> Inputs:
        """Flow from onset to apex."""
        chosen = self.parameters
        algorithm: Algorithm = chosen.flow  # type: ignore[assignment]
        side, computed = (chosen.size, chosen.size), (chosen.computed, chosen.computed)
        return Inputs(arrays=(Flow(size=side, computed=computed, algorithm=algorithm, strain=chosen.strain),))

    def features(self, samples: Samples) -> npt.NDArray[np.float32]:
        """The flow as it is, `(clip value)`: u, then v, then strain if `strain` is set."""
        [flow] = samples.arrays
        return flow.reshape(samples.count, -1)
