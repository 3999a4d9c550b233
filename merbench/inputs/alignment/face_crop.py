"""Where to cut a face out of a frame: eyes level, one cut for all frames of a clip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from merbench.annotations.clips import Clip
from merbench.errors import EntryError, FrameError
from merbench.inputs.alignment.geometry import STYLES, face_cut
from merbench.inputs.base import ArrayInput, AugmentAs

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from merbench.inputs.clip_reader import ClipFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceCrop(ArrayInput):
    """The cut that levels and frames the face of a clip's onset frame: float32 `(2 3)`.

    It takes a place (column, row, 1) of the crop to the place of the frame; both count from the outer corner of the
    first pixel. Landmarks are always detected, also where the dataset has some.
    """

    name: ClassVar[str] = "face-crop"
    revision: ClassVar[int] = 1
    libraries: ClassVar[tuple[str, ...]] = ("dlib-bin", "face_recognition_models")
    augment_as: ClassVar[AugmentAs] = "fixed"

    style: str

    def __post_init__(self) -> None:
        if self.style not in STYLES:
            raise EntryError(f"FaceCrop(style={self.style!r}): it is one of {', '.join(STYLES)}.")

    @property
    def shape(self) -> tuple[int, ...]:
        """Two rows of three numbers."""
        return (2, 3)

    def numbers(self, clip: Clip) -> tuple[int, ...]:
        """The onset."""
        return (clip.range.start,)

    def array(self, files: ClipFiles) -> npt.NDArray[np.float32]:
        """The cut of one clip."""
        import numpy as np

        from merbench.inputs.alignment.landmark_detection import detect_landmarks

        [onset] = files.frames_at(self)
        try:
            landmarks = detect_landmarks(onset)
        except FrameError as fault:
            raise FrameError(
                f"{files.clip}, frame {files.clip.onset}, cannot be aligned: {fault} "
                "Take such clips as distributed with --alignment-fallback."
            ) from fault
        return face_cut(landmarks, STYLES[self.style]).astype(np.float32)
