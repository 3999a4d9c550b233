"""Optical flow between two moments, as a method declares it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, get_args

from merbench.annotations.clips import Clip
from merbench.errors import EntryError
from merbench.inputs.base import ArrayInput, Moves
from merbench.inputs.moments import Moment, moment_number
from merbench.inputs.optical_flow import LIBRARIES, Algorithm

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from merbench.inputs.clip_reader import ClipFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow(ArrayInput):
    """The total displacement from `start` to `end`: float32 `(channel height width)`, u to the right, v downwards.

    Frames are made grey, resized to `computed` (`size` where it is None), and the flow between them is in pixels of
    that image; so is optical strain, a third channel if `strain`. Then the channels are resized to `size`. The numbers
    stay pixels of the computed image, unless `rescale` asks for pixels of the delivered one. Sizes are (height, width).

    A flow that came with the data (`Dataset.precomputed`) is taken as it stands and only resized.
    """

    name: ClassVar[str] = "flow"
    revision: ClassVar[int] = 1
    moves: ClassVar[Moves] = "field"

    start: Moment = "onset"
    end: Moment = "apex"
    size: tuple[int, int]
    algorithm: Algorithm = "tvl1"
    strain: bool = False
    computed: tuple[int, int] | None = None
    rescale: bool = False

    def __post_init__(self) -> None:
        odd = [moment for moment in (self.start, self.end) if moment not in get_args(Moment)]
        if odd or self.start == self.end:
            raise EntryError(
                f"Flow(start={self.start!r}, end={self.end!r}): they are two different ones of "
                f"{', '.join(get_args(Moment))}."
            )
        check_field("Flow", self.algorithm, self.size, self.computed)

    @property
    def shape(self) -> tuple[int, ...]:
        """Two or three channels, height, width."""
        return (3 if self.strain else 2, *self.size)

    @property
    def libraries(self) -> tuple[str, ...]:  # type: ignore[override]
        """The package that computes it."""
        return (LIBRARIES[self.algorithm],)

    def numbers(self, clip: Clip) -> tuple[int, ...]:
        """The numbers of the two frames."""
        return moment_number(clip, self.start), moment_number(clip, self.end)

    def precomputed(self) -> str | None:
        """A dataset may hand over a file of its own."""
        return "flow"

    def array(self, files: ClipFiles) -> npt.NDArray[np.float32]:
        """The flow of one clip."""
        from merbench.inputs.fields import delivered
        from merbench.inputs.flow_files import read_flow
        from merbench.inputs.optical_flow import optical_flow
        from merbench.pixels import grey_at

        ready = files.precomputed("flow")
        if ready is not None:
            return delivered(read_flow(ready), self.size, strain=self.strain, rescale=self.rescale)
        first, second = (grey_at(frame, self.computed or self.size) for frame in files.frames_at(self))
        return delivered(
            optical_flow(first, second, self.algorithm), self.size, strain=self.strain, rescale=self.rescale
        )


#: Smaller images have no room for the windows of the algorithms: a choice.
LEAST_SIDE = 16


def check_field(kind: str, algorithm: str, size: tuple[int, int], computed: tuple[int, int] | None) -> None:
    """Refuse an algorithm or sizes that cannot be.

    Raises:
        EntryError: naming the declaration.
    """
    if algorithm not in get_args(Algorithm):
        raise EntryError(f"{kind}(algorithm={algorithm!r}): it is one of {', '.join(get_args(Algorithm))}.")
    if min(size) < 1 or min(computed or size) < LEAST_SIDE:
        raise EntryError(
            f"{kind}(size={size}, computed={computed}): flow is computed on images of at least {LEAST_SIDE} pixels a "
            "side; give a larger computed=(height, width)."
        )
