"""What is available of one clip: its frames, its landmarks, and arrays that came with the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from merbench.annotations.clips import Clip
from merbench.data.source import Source
from merbench.errors import FrameError
from merbench.inputs.alignment.geometry import cut_out, points_in_crop
from merbench.inputs.alignment.source import cut_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class NeedsFrames(Protocol):
    """Anything that says which frames of a clip it needs, such as an `ArrayInput`."""

    def numbers(self, clip: Clip) -> tuple[int, ...]:
        """The frame numbers it needs of a clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFiles:
    """A clip with the source of its frames."""

    clip: Clip
    source: Source

    def frames(self, numbers: Sequence[int]) -> list[npt.NDArray[np.uint8]]:
        """The frames of those numbers, each uint8 `(height width rgb)`.

        Raises:
            FrameError: naming the clip, if one is missing or cannot be decoded.
        """
        try:
            frames = self.source.dataset.read(self.source.root, self.clip, numbers)
        except OSError as fault:  # else it would be taken for trouble with the cache, which is being written
            raise FrameError(f"{self.clip}: its frames cannot be read ({fault}).") from fault
        if any(frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != "uint8" for frame in frames):
            raise FrameError(f"{self.clip}: its frames are not uint8 (height width rgb).")
        if any(frame.size == 0 for frame in frames):
            raise FrameError(f"{self.clip}: its frames have no pixels.")
        cut = cut_of(self.source, self.clip)
        return frames if cut is None else [cut_out(frame, *cut) for frame in frames]

    def frames_at(self, declared: NeedsFrames) -> list[npt.NDArray[np.uint8]]:
        """The frames that an input needs, in its order, each read once.

        Raises:
            FrameError: naming the clip, if one is missing or cannot be decoded.
        """
        numbers = declared.numbers(self.clip)
        once = sorted(set(numbers))
        read = dict(zip(once, self.frames(once), strict=True))
        return [read[number] for number in numbers]

    def landmarks(self, number: int, frame: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """The 68 points `(point xy)` of a frame in its pixels: the dataset's where it has them, else detected.

        Raises:
            FrameError: naming the clip, if no face is detected, or no detector is installed.
        """
        from merbench.inputs.alignment.landmark_detection import detect_landmarks

        known = self.source.dataset.landmarks(self.source.root, self.clip, number)
        if known is not None:
            cut = cut_of(self.source, self.clip)
            return known if cut is None else points_in_crop(known, cut[0])
        try:
            return detect_landmarks(frame)
        except FrameError as fault:
            raise FrameError(f"{self.clip}, frame {number}: {fault}") from fault

    def precomputed(self, name: str) -> Path | None:
        """The file that the dataset hands over under that name instead of frames to compute it from."""
        return self.source.dataset.precomputed(self.source.root, self.clip, name)
