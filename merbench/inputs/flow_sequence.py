"""How a face moved since the onset, at several times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from merbench.annotations.clips import Clip
from merbench.errors import EntryError
from merbench.inputs.base import ArrayInput, AugmentAs
from merbench.inputs.flow import check_field
from merbench.inputs.frame_selection import spread
from merbench.inputs.moments import moment_number
from merbench.inputs.optical_flow import LIBRARIES, Algorithm

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from merbench.inputs.clip_reader import ClipFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSequence(ArrayInput):
    """The displacement from the onset to each of `frames` later frames: float32 `(time channel height width)`.

    They lie evenly after the onset, the last at `end`, each the nearest annotated one; in a span with fewer frames some
    are repeated. For the rest see `Flow`.
    """

    name: ClassVar[str] = "flow-sequence"
    revision: ClassVar[int] = 1
    augment_as: ClassVar[AugmentAs] = "field"

    frames: int
    size: tuple[int, int]
    end: Literal["apex", "offset"] = "offset"
    algorithm: Algorithm = "farneback"
    strain: bool = False
    computed: tuple[int, int] | None = None
    rescale: bool = False

    def __post_init__(self) -> None:
        if self.frames < 1 or self.end not in ("apex", "offset"):
            raise EntryError(
                f"FlowSequence(frames={self.frames}, end={self.end!r}): at least one frame, up to apex or offset."
            )
        check_field("FlowSequence", self.algorithm, self.size, self.computed)

    @property
    def shape(self) -> tuple[int, ...]:
        """Time, two or three channels, height, width."""
        return (self.frames, 3 if self.strain else 2, *self.size)

    @property
    def libraries(self) -> tuple[str, ...]:  # type: ignore[override]
        """The package that computes it."""
        return (LIBRARIES[self.algorithm],)

    def numbers(self, clip: Clip) -> tuple[int, ...]:
        """The onset, then the frames it is compared with."""
        return spread(clip.moment("onset"), moment_number(clip, self.end), self.frames + 1)

    def array(self, files: ClipFiles) -> npt.NDArray[np.float32]:
        """The fields of one clip."""
        import numpy as np

        from merbench._files.images import grey_at
        from merbench.inputs.optical_flow import optical_flow, resampled

        onset, *later = (grey_at(frame, self.computed or self.size) for frame in files.frames_at(self))
        fields = (optical_flow(onset, frame, self.algorithm) for frame in later)
        return np.stack([resampled(field, self.size, strain=self.strain, rescale=self.rescale) for field in fields])
