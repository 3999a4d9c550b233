"""A clip's evolution as one picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from merbench.annotations.clips import Clip
from merbench.errors import EntryError
from merbench.inputs.base import ArrayInput

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from merbench.inputs.clip_reader import ClipFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicImage(ArrayInput):
    """The dynamic image of all frames from onset to offset: float32 `(rgb height width)` in 0..255.

    The weighted sum of the frames (see `rank_pooling_weights`), from its least value to its greatest spread over
    0..255; a clip without any change is 127.5 everywhere. A network is handed it divided by 255.
    """

    name: ClassVar[str] = "dynamic-image"
    revision: ClassVar[int] = 1

    size: tuple[int, int]

    def __post_init__(self) -> None:
        if min(self.size) < 1:
            raise EntryError(f"DynamicImage(size={self.size}): a size is 1 or more.")

    @property
    def shape(self) -> tuple[int, ...]:
        """Three channels, height, width."""
        return (3, *self.size)

    def numbers(self, clip: Clip) -> tuple[int, ...]:
        """Every frame from onset to offset."""
        return tuple(range(clip.moment("onset"), clip.moment("offset") + 1))

    def array(self, files: ClipFiles) -> npt.NDArray[np.float32]:
        """The dynamic image of one clip."""
        import numpy as np

        from merbench._files.images import pixels_at

        frames = np.stack([pixels_at(frame, self.size, grey=False) for frame in files.frames_at(self)])
        pooled = np.tensordot(rank_pooling_weights(len(frames)), frames, 1)
        least, span = pooled.min(), np.ptp(pooled)
        spread = (pooled - least) * (255 / span) if span > 1e-6 else np.full_like(pooled, 127.5)
        return spread.astype(np.float32)


def rank_pooling_weights(length: int) -> npt.NDArray[np.float64]:
    """The weight of each of `length` frames in approximate rank pooling; they sum to 0.

    Of frame t = 1 .. T it is 2 (T - t + 1) - (T + 1) (H_T - H_(t-1)), with H_t the t-th harmonic number and H_0 = 0
    (Bilen et al., CVPR 2016, the coefficients for time averages).
    """
    import numpy as np

    t = np.arange(1, length + 1)
    harmonic = np.concatenate([[0.0], np.cumsum(1 / t)])
    return np.asarray(2 * (length - t + 1) - (length + 1) * (harmonic[-1] - harmonic[:-1]))
