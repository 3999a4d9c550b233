"""A frame with its motion since the onset magnified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from merbench.annotations.clips import Clip
from merbench.errors import EntryError
from merbench.inputs.base import ArrayInput
from merbench.inputs.moments import moment_number

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from merbench.inputs.clip_reader import ClipFiles

#: Of the Gaussian's standard deviation, as a share of the shorter side: 2 pixels at 224, chosen here. Without it, noise
#: and edges would grow as much as motion.
BLUR = 2 / 224


@dataclass(frozen=True, slots=True, kw_only=True)
class Magnified(ArrayInput):
    """The frame `at` a moment, its motion since the onset magnified: float32 `(rgb height width)` in 0..255.

    Linear Eulerian magnification of one change: ``onset + (1 + factor) * G(frame - onset)``, kept within 0..255, where
    G is a spatial Gaussian with a standard deviation of `BLUR` of the shorter side (Wu et al., SIGGRAPH 2012, section
    3, with the change itself as the temporal band). A network is handed it divided by 255.
    """

    name: ClassVar[str] = "magnified"
    revision: ClassVar[int] = 1
    libraries: ClassVar[tuple[str, ...]] = ("scipy",)

    size: tuple[int, int]
    factor: float
    at: Literal["apex", "offset"] = "apex"

    def __post_init__(self) -> None:
        if min(self.size) < 1 or not 0 <= self.factor <= 1000 or self.at not in ("apex", "offset"):
            raise EntryError(
                f"Magnified(size={self.size}, factor={self.factor}, at={self.at!r}): a size of 1 or more, a factor of "
                "0 to 1000, at apex or offset."
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """Three channels, height, width."""
        return (3, *self.size)

    def numbers(self, clip: Clip) -> tuple[int, ...]:
        """The onset and the moment."""
        return clip.moment("onset"), moment_number(clip, self.at)

    def array(self, files: ClipFiles) -> npt.NDArray[np.float32]:
        """The magnified frame of one clip."""
        import numpy as np
        from scipy.ndimage import gaussian_filter

        from merbench._files.images import pixels_at

        onset, frame = (pixels_at(each, self.size, grey=False).astype(np.float32) for each in files.frames_at(self))
        change = gaussian_filter(frame - onset, BLUR * min(self.size), axes=(1, 2))
        return np.clip(onset + np.float32(1 + self.factor) * change, 0, 255).astype(np.float32)
