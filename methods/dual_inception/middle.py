"""Optical flow from the onset to the frame midway between onset and offset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from merbench.clips import Clip
from merbench.inputs import Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowToMiddle(Flow):
    """Flow that ends at the middle frame of the clip, rounded down, whatever apex is annotated."""

    name: ClassVar[str] = "flow-to-middle"
    revision: ClassVar[int] = 1

    def numbers(self, clip: Clip) -> tuple[int, ...]:
        """The numbers of the onset and of the middle frame."""
        return clip.onset, (clip.onset + clip.offset) // 2

    def precomputed(self) -> None:
        """None: what datasets hand over is flow to the apex."""
        return
