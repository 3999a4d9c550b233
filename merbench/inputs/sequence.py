"""A fixed number of frames between two moments of a clip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

from merbench.annotations.clips import Clip
from merbench.errors import EntryError
from merbench.inputs.base import ArrayInput
from merbench.inputs.frame_selection import spread
from merbench.inputs.moments import Moment, moment_number

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from merbench.inputs.clip_reader import ClipFiles

How = Literal["uniform", "tim"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence(ArrayInput):
    """`frames` pictures from `start` to `end`, both included: `(time channel height width)` in grey levels 0..255.

    ``uniform`` takes the nearest annotated frames, uint8. ``tim`` reads every frame of the span and interpolates
    between them (see `interpolation_weights`), float32, kept within 0..255. A network receives either divided by 255.

    >>> Sequence(frames=16, size=(112, 112)).shape
    (16, 3, 112, 112)
    """

    name: ClassVar[str] = "sequence"
    revision: ClassVar[int] = 1

    frames: int
    size: tuple[int, int]
    how: How = "uniform"
    grey: bool = False
    start: Moment = "onset"
    end: Moment = "offset"

    def __post_init__(self) -> None:
        order = get_args(Moment)
        sound = {self.start, self.end} <= set(order) and order.index(self.start) < order.index(self.end)
        if not sound or self.how not in get_args(How) or self.frames < 1 or min(self.size) < 1:
            raise EntryError(
                f"Sequence(frames={self.frames}, size={self.size}, how={self.how!r}, start={self.start!r}, "
                f"end={self.end!r}): at least one frame of a size of 1 or more, how one of {', '.join(get_args(How))}, "
                f"from one of {', '.join(order)} to a later one."
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """Time, channel, height, width."""
        return (self.frames, 1 if self.grey else 3, *self.size)

    @property
    def dtype(self) -> str:
        """Bytes for frames as they are, numbers for interpolated ones."""
        return "float32" if self.how == "tim" else "uint8"

    def numbers(self, clip: Clip) -> tuple[int, ...]:
        """The nearest frames, in order; for interpolation all of the span."""
        first, last = moment_number(clip, self.start), moment_number(clip, self.end)
        if self.how == "tim":
            return tuple(range(first, last + 1))
        return spread(first, last, self.frames)

    def array(self, files: ClipFiles) -> npt.NDArray[np.generic]:
        """The pictures of one clip."""
        import numpy as np

        from merbench._files.images import pixels_at
        from merbench.inputs.interpolation import interpolation_weights

        pictures = np.stack([pixels_at(frame, self.size, grey=self.grey) for frame in files.frames_at(self)])
        if self.how == "uniform":
            return pictures
        weights = interpolation_weights(len(pictures), self.frames)
        return np.asarray(np.clip(np.tensordot(weights, pictures, 1), 0, 255), dtype=np.float32)
