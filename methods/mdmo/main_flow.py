"""What MDMO sees of a clip: the mean flow in the main direction of each region, over all frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from merbench.inputs.base import ArrayInput, AugmentAs
from merbench.inputs.optical_flow import LIBRARIES, Algorithm

from .regions import REGIONS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from merbench.annotations.clips import Clip
    from merbench.inputs.clip_reader import ClipFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class MainFlow(ArrayInput):
    """The mean over all frames after the onset of each region's main flow: float32 `(region xy)`, in pixels of `size`.

    Regions are those between the onset's landmarks; flow is from the onset to each frame up to the offset. With
    `align` the affine motion of the landmarks that muscles hardly move is taken off each.
    """

    name: ClassVar[str] = "main-flow"
    revision: ClassVar[int] = 1
    augment_as: ClassVar[AugmentAs] = "refused"

    size: tuple[int, int]
    forehead: float
    algorithm: Algorithm = "farneback"
    align: Literal["affine", "none"] = "affine"

    @property
    def shape(self) -> tuple[int, ...]:
        """Region, and x, y."""
        return (len(REGIONS), 2)

    @property
    def libraries(self) -> tuple[str, ...]:  # type: ignore[override]
        """The packages that compute flow, regions and, where the dataset has none, landmarks."""
        return (LIBRARIES[self.algorithm], "opencv-python", "dlib-bin", "face_recognition_models")

    def numbers(self, clip: Clip) -> tuple[int, ...]:
        """Every frame from onset to offset."""
        return tuple(range(clip.moment("onset"), clip.moment("offset") + 1))

    def array(self, files: ClipFiles) -> npt.NDArray[np.float32]:
        """The mean main flow of one clip's regions."""
        import numpy as np

        from merbench._files.images import grey_at
        from merbench.inputs.optical_flow import optical_flow

        from .direction import affine, main_direction
        from .regions import pixels

        frames = files.frames_at(self)
        height, width = self.size
        scale = np.array([width / frames[0].shape[1], height / frames[0].shape[0]], dtype=np.float32)
        points = (files.landmarks(files.clip.moment("onset"), frames[0]) + np.float32(0.5)) * scale - np.float32(0.5)
        places = pixels(points, self.size, self.forehead)
        onset, *later = (grey_at(frame, self.size) for frame in frames)
        total = np.zeros(self.shape)
        for frame in later:
            field = optical_flow(onset, frame, self.algorithm)
            if self.align == "affine":
                field = field - affine(field, points)
            total += [main_direction(*field[:, rows, columns]) for rows, columns in places]
        return (total / max(len(later), 1)).astype(np.float32)
