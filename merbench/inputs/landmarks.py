"""Where the parts of the face are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, get_args

from merbench.annotations.clips import Clip
from merbench.errors import EntryError
from merbench.inputs.base import ArrayInput, AugmentAs
from merbench.inputs.moments import Moment, moment_number

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from merbench.inputs.clip_reader import ClipFiles

POINTS = 68


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmarks(ArrayInput):
    """The 68 points at the given moments: float32 `(moment point xy)`, in pixels of the frame resized to `size`.

    In iBUG order, x to the right, y downwards, (0, 0) the middle of the first pixel. They are the dataset's own,
    ground truth or from files; where it has none they are detected (`merbench.inputs.alignment.landmark_detection`).

    >>> Landmarks(at=("onset", "apex"), size=(224, 224)).shape
    (2, 68, 2)
    """

    name: ClassVar[str] = "landmarks"
    revision: ClassVar[int] = 1
    libraries: ClassVar[tuple[str, ...]] = ("dlib-bin", "face_recognition_models")
    augment_as: ClassVar[AugmentAs] = "points"

    at: tuple[Moment, ...] = ("onset",)
    size: tuple[int, int]

    def __post_init__(self) -> None:
        odd = [moment for moment in self.at if moment not in get_args(Moment)]
        if odd or not self.at or min(self.size) < 1:
            raise EntryError(
                f"Landmarks(at={self.at}, size={self.size}): moments are {', '.join(get_args(Moment))}, at least one, "
                "at a size of 1 or more."
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """Moment, point, and x, y."""
        return (len(self.at), POINTS, 2)

    def numbers(self, clip: Clip) -> tuple[int, ...]:
        """The numbers of the moments."""
        return tuple(moment_number(clip, moment) for moment in self.at)

    def array(self, files: ClipFiles) -> npt.NDArray[np.float32]:
        """The points of one clip."""
        import numpy as np

        height, width = self.size
        points = []
        for number, frame in zip(self.numbers(files.clip), files.frames_at(self), strict=True):
            scale = np.array([width / frame.shape[1], height / frame.shape[0]])
            points.append((files.landmarks(number, frame) + 0.5) * scale - 0.5)
        return np.stack(points).astype(np.float32)
