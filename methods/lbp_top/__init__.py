"""LBP-TOP: local binary patterns on three orthogonal planes (Zhao & Pietikäinen, TPAMI 2007), as in MEGC 2019."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from merbench.entries.parameters import parameter
from merbench.entries.recipe import Recipe
from merbench.errors import UsageError
from merbench.inputs import Inputs, Sequence
from merbench.method import Samples
from merbench.training.bases.feature_method import FeatureMethod
from merbench.training.bases.svm import SVMParameters

from .reproductions import REPRODUCTIONS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MEGC = "MEGC 2019 baseline"


@dataclass(frozen=True, kw_only=True)
class LBPTOPParameters(SVMParameters):
    """The patterns of the MEGC 2019 baseline; each has 4 neighbours, and the machine is that of a public port."""

    frames: int = parameter(10, f"{MEGC}: interpolated to 10 frames (TIM), onset to offset", low=3, high=200)
    size: int = parameter(
        128, "chosen here: pixels a side; with blocks of about 25 pixels. The baseline's is unknown", low=16, high=512
    )
    radius_x: int = parameter(1, MEGC, low=1, high=16)
    radius_y: int = parameter(1, MEGC, low=1, high=16)
    radius_t: int = parameter(4, MEGC, low=1, high=64)
    blocks: int = parameter(5, f"{MEGC}: 5 x 5 blocks that do not overlap", low=1, high=32)
    kernel: str = parameter(
        "poly",
        "the port in MEB (Varanka et al., arXiv 2211.11425), of degree 3; the baseline's is unknown",
        choices=("linear", "poly", "rbf"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        inner = min(self.size - 2 * max(self.radius_x, self.radius_y), self.blocks * (self.frames - 2 * self.radius_t))
        if inner < self.blocks:
            raise UsageError(
                f"size={self.size}, frames={self.frames} is not possible with blocks={self.blocks} and radii "
                f"{self.radius_x}, {self.radius_y}, {self.radius_t}: a frame must be wider than twice a radius by one "
                "pixel a block, and there must be more frames than twice radius_t. Raise size or frames."
            )


class LBPTOP(FeatureMethod):
    """Histograms of uniform patterns on the planes XY, XT and YT of each block, and a support vector machine."""

    name = "lbp-top"
    title = "LBP-TOP"
    family = "hand-crafted"
    year = 2007
    reference = "Zhao & Pietikäinen, TPAMI 2007; parameters of the MEGC 2019 baseline"
    reproductions = REPRODUCTIONS
    Parameters = LBPTOPParameters
    parameters: LBPTOPParameters
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "published": Recipe(source="MEGC 2019 baseline; the machine of its port in MEB"),
        "quick": Recipe(source="the published one; reading every frame of a clip is what takes time"),
    }

    def inputs(self) -> Inputs:
        """Grey frames from onset to offset, interpolated to one number."""
        chosen = self.parameters
        side = (chosen.size, chosen.size)
        return Inputs(arrays=(Sequence(frames=chosen.frames, size=side, how="tim", grey=True),))

    def features(self, samples: Samples) -> npt.NDArray[np.float32]:
        """Histograms `(clip value)`: 5 x 5 blocks, 3 planes and 15 patterns make 1,125 values."""
        from .patterns import Radii, histograms

        [grey] = samples.arrays
        chosen = self.parameters
        radii = Radii(x=chosen.radius_x, y=chosen.radius_y, t=chosen.radius_t)
        return histograms(grey[:, :, 0], radii, chosen.blocks)
