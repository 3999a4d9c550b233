"""MDMO: main directional mean optical flow (Liu et al., IEEE Transactions on Affective Computing 2016)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, get_args

from merbench.entries.parameters import parameter
from merbench.entries.recipe import Recipe
from merbench.inputs import Inputs
from merbench.inputs.optical_flow import Algorithm
from merbench.method import Samples
from merbench.training.bases.feature_method import FeatureMethod
from merbench.training.bases.svm import SVMParameters

from .main_flow import MainFlow

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

PORT = "the port in MEB (Varanka et al., arXiv 2211.11425)"


@dataclass(frozen=True, kw_only=True)
class MDMOParameters(SVMParameters):
    """The regions and their flow, and the machine on them."""

    size: int = parameter(
        280,
        "chosen here: pixels a side, about those of CASME II's cropped faces, which the port's 20 pixels suit",
        low=32,
        high=1024,
    )
    forehead: float = parameter(
        20.0, f"{PORT}: pixels that the regions of the forehead rise above the brows", low=1.0, high=200.0
    )
    flow: str = parameter("farneback", f"{PORT}; the paper's is another", choices=get_args(Algorithm))
    align: str = parameter(
        "affine",
        "paper: frames are aligned to the first by an affine map, here flow less one; none: as in the port, where it "
        "is switched off",
        choices=("affine", "none"),
    )
    magnitudes: str = parameter(
        "relative",
        f"{PORT}: divided by the largest of the clip's regions; absolute: in pixels",
        choices=("relative", "absolute"),
    )
    weight: float = parameter(
        0.8, f"{PORT}: magnitudes times this, angles in radians times the rest of 1", low=0.0, high=1.0
    )
    kernel: str = parameter("rbf", f"{PORT} names none, which is scikit-learn's rbf", choices=("linear", "poly", "rbf"))
    cost: float = parameter(28.0, PORT, low=1e-6, high=1e6, log=True)


class MDMO(FeatureMethod):
    """The mean flow in the main direction of each of 36 facial regions, and a support vector machine on it."""

    name = "mdmo"
    title = "MDMO"
    family = "hand-crafted"
    year = 2016
    reference = "Liu et al., IEEE Transactions on Affective Computing 2016"
    Parameters = MDMOParameters
    parameters: MDMOParameters
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "published": Recipe(source="the paper's outline; regions, weight and machine of its port in MEB"),
        "quick": Recipe(
            source="chosen here: smaller frames, and a forehead as much lower, for synthetic data",
            parameters={"size": 128, "forehead": 9.0},
        ),
    }

    def inputs(self) -> Inputs:
        """The main flow of the regions, from all frames and the onset's landmarks."""
        chosen = self.parameters
        seen = MainFlow(
            size=(chosen.size, chosen.size),
            forehead=chosen.forehead,
            algorithm=chosen.flow,  # type: ignore[arg-type]
            align=chosen.align,  # type: ignore[arg-type]
        )
        return Inputs(arrays=(seen,))

    def features(self, samples: Samples) -> npt.NDArray[np.float32]:
        """Features `(clip value)`: the weighted magnitudes of 36 regions, then their angles, 72 values.

        Angles are in radians from -pi to pi, 0 to the left and from u towards v, as the port has them.
        """
        import numpy as np

        [flow] = samples.arrays
        u, v = flow[..., 0].astype(np.float64), flow[..., 1].astype(np.float64)
        lengths, angles = np.hypot(u, v), np.arctan2(v, u) % (2 * np.pi) - np.pi
        if self.parameters.magnitudes == "relative":
            longest = lengths.max(axis=1, keepdims=True)
            lengths = np.divide(lengths, longest, out=np.zeros_like(lengths), where=longest > 0)
        weight = self.parameters.weight
        return np.concatenate([weight * lengths, (1 - weight) * angles], axis=1).astype(np.float32)
