"""Motion: what the main branch sees of a clip. The paper takes the apex less the onset, so that identity cancels."""

from __future__ import annotations

from typing import ClassVar, cast

import torch
from torch import Tensor, nn

from merbench.inputs import ArrayInput, Flow
from merbench.inputs.moments import Moment
from merbench.inputs.optical_flow import Algorithm

from .components import motion
from .parameters import MMNetParameters

__all__ = ["Motion", "motion"]


class Motion(nn.Module):
    """A part that turns frames, normalised `(clip 3 height width)`, into `(clip channel height width)`.

    It is called with the frames of its `moments`, then with what it declares in `arrays`.
    """

    moments: ClassVar[tuple[Moment, ...]] = ("onset", "apex")
    channels: ClassVar[int] = 3

    @classmethod
    def arrays(cls, parameters: MMNetParameters) -> tuple[ArrayInput, ...]:
        """What is computed of a clip before training; nothing, unless a part says so."""
        return ()


@motion.register("difference")
class Difference(Motion):
    """The apex less the onset (paper)."""

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        """`(clip 3 height width)`; nought where nothing moved."""
        return apex - onset


@motion.register("apex")
class Apex(Motion):
    """The apex frame only."""

    moments = ("apex",)

    def forward(self, apex: Tensor) -> Tensor:
        """The frame as it is."""
        return apex


@motion.register("onset+apex")
class Both(Motion):
    """Both frames, one behind the other: the network may find the difference itself, but need not."""

    channels = 6

    def forward(self, onset: Tensor, apex: Tensor) -> Tensor:
        """`(clip 6 height width)`, the onset first."""
        return torch.cat([onset, apex], dim=1)


@motion.register("flow")
class OpticalFlow(Motion):
    """Optical flow from the annotated onset to the annotated apex, in pixels; no frame is seen."""

    moments = ()
    channels = 2
    strain: ClassVar[bool] = False

    @classmethod
    def arrays(cls, parameters: MMNetParameters) -> tuple[ArrayInput, ...]:
        """The flow at the size of the network, its strain with it where the part says so."""
        size, algorithm = (parameters.size, parameters.size), cast("Algorithm", parameters.flow)
        return (Flow(start="onset", end="apex", size=size, algorithm=algorithm, strain=cls.strain),)

    def forward(self, flow: Tensor) -> Tensor:
        """`(clip uv height width)` as it is."""
        return flow


@motion.register("flow+strain")
class FlowAndStrain(OpticalFlow):
    """Optical flow and the optical strain that it holds, as a third channel."""

    channels = 3
    strain = True
