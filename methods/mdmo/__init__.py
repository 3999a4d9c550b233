"""MDMO: main directional mean optical flow (Liu et al., IEEE Transactions on Affective Computing 2016)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from merbench.entries.parameters import parameter
from merbench.inputs import FlowSequence, Inputs, Landmarks
from merbench.inputs.optical_flow import Algorithm
from merbench.method import Samples
from merbench.training import Recipe
from merbench.training.bases.feature_method import FeatureMethod
from merbench.training.bases.svm import SVMParameters

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

PORT = "the port in MEB (Varanka et al., arXiv 2211.11425)"


@dataclass(frozen=True, kw_only=True)
class MDMOParameters(SVMParameters):
    """The regions and their flow, and the machine on them."""

    frames: int = parameter(
        8, "a choice: later frames, evenly spaced, of which flow is taken; the paper takes all", low=1, high=200
    )
    end: str = parameter("offset", "a choice: the last of these frames", choices=("apex", "offset"))
    size: int = parameter(128, "a choice: pixels a side; no source names one", low=32, high=512)
    flow: str = parameter(
        "farneback", "a choice: fast enough for many frames; the paper's is another", choices=get_args(Algorithm)
    )
    align: str = parameter(
        "affine",
        "paper: frames are aligned to the first by an affine map; here flow less one",
        choices=("affine", "none"),
    )
    radius: float = parameter(
        0.15, "a choice: of a region, as a share of the distance of the outer eye corners", low=0.01, high=1.0
    )
    magnitudes: str = parameter(
        "relative",
        "unverified: divided by the largest of the clip's regions; absolute: in pixels",
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

    def inputs(self) -> Inputs:
        """Flow from the onset to later frames, and the onset's landmarks."""
        chosen = self.parameters
        algorithm: Algorithm = chosen.flow  # type: ignore[assignment]
        side = (chosen.size, chosen.size)
        flow = FlowSequence(frames=chosen.frames, size=side, end=chosen.end, algorithm=algorithm)  # type: ignore[arg-type]
        return Inputs(arrays=(flow, Landmarks(size=side)))

    @classmethod
    def recipes(cls) -> Mapping[str, Recipe]:
        """The defaults: nothing to train, nothing to shorten."""
        return {
            "published": Recipe(source="the paper's outline, with weight and machine of its port in MEB"),
            "quick": Recipe(source="the published one; its flow takes an eighth of a second a clip"),
        }

    def features(self, samples: Samples) -> npt.NDArray[np.float32]:
        """Features `(clip value)`: the weighted magnitudes of 36 regions, then their angles, 72 values."""
        from .direction import features

        flow, points = samples.arrays
        return features(flow, points[:, 0], self.parameters)
