"""Bi-WOOF: bi-weighted oriented optical flow (Liong, See, Wong & Phan, SPIC 2018)."""

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
class BiWOOFParameters(SVMParameters):
    """The histograms of the released code ("code" below), and the machine on them."""

    size: int = parameter(128, "chosen here: pixels a side; the code takes frames as they come", low=16, high=512)
    flow: str = parameter("tvl1", "code: TV-L1, there of another library", choices=get_args(Algorithm))
    blocks: int = parameter(5, "code: 5 x 5 blocks", low=1, high=16)
    directions: int = parameter(8, "code: 8 bins of 45 degrees", low=2, high=72)


class BiWOOF(FeatureMethod):
    """Histograms of flow directions from onset to apex, weighted by magnitude and by strain, and a machine on them."""

    name = "bi-woof"
    title = "Bi-WOOF"
    family = "hand-crafted"
    year = 2018
    reference = "Liong et al., Signal Processing: Image Communication 2018"
    Parameters = BiWOOFParameters
    parameters: BiWOOFParameters
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "published": Recipe(source="released code; kernel and cost of its machine were not to be read"),
        "quick": Recipe(
            source="chosen here: Farneback's flow, a fraction of TV-L1's time", parameters={"flow": "farneback"}
        ),
    }

    def inputs(self) -> Inputs:
        """Flow from onset to apex, and its strain."""
        chosen = self.parameters
        algorithm: Algorithm = chosen.flow  # type: ignore[assignment]
        return Inputs(arrays=(Flow(size=(chosen.size, chosen.size), algorithm=algorithm, strain=True),))

    def features(self, samples: Samples) -> npt.NDArray[np.float32]:
        """Histograms `(clip value)`: 5 x 5 blocks of 8 directions make 200 values."""
        from .histograms import histograms

        [field] = samples.arrays
        return histograms(field, self.parameters.blocks, self.parameters.directions)
