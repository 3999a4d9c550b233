"""Optical flow from the onset to the frame midway between onset and offset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from merbench.annotations.clips import Clip
from merbench.inputs import Flow

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from merbench.inputs.clip_reader import ClipFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowToMiddle(Flow):
    """Flow that ends at the middle frame of the clip, rounded down, whatever apex is annotated."""

    name: ClassVar[str] = "flow-to-middle"
    revision: ClassVar[int] = 1

    def numbers(self, clip: Clip) -> tuple[int, ...]:
        """The numbers of the onset and of the middle frame."""
        return clip.moment("onset"), clip.middle

    def precomputed(self) -> None:
        """None: what datasets hand over is flow to the apex."""
        return

    def array(self, files: ClipFiles) -> npt.NDArray[np.float32]:
        """The flow of one clip, always computed."""
        from merbench._files.images import grey_at
        from merbench.inputs.optical_flow import optical_flow

        first, second = (grey_at(frame, self.computed or self.size) for frame in files.frames_at(self))
        return self.delivered(optical_flow(first, second, self.algorithm))

    def as_dict(self) -> dict[str, object]:
        """The declaration as plain data, with the end that is meant."""
        return {**Flow.as_dict(self), "end": "middle"}
