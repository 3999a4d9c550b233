"""Optical flow between two moments, as a method declares it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

from merbench.annotations.clips import Clip
from merbench.errors import EntryError
from merbench.inputs.base import ArrayInput, AugmentAs
from merbench.inputs.moments import Moment, moment_number
from merbench.inputs.optical_flow import LIBRARIES, Algorithm

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from merbench.inputs.clip_reader import ClipFiles


#: ``none``: displacement in pixels. ``minmax``: each channel of each clip stretched to the declared range. ``unit``: u
#: and v over the longest displacement of the clip, strain over its largest.
Scale = Literal["none", "minmax", "unit"]
Channel = Literal["u", "v", "strain"]
_CHANNELS: tuple[Channel, ...] = ("u", "v", "strain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow(ArrayInput):
    """The total displacement from `start` to `end`: float32 `(channel height width)`, u to the right, v downwards.

    Frames are made grey, resized to `computed` (`size` where it is None), and the flow between them is in pixels of
    that image; so is optical strain, a third channel if `strain`. Then the channels are resized to `size`. The numbers
    stay pixels of the computed image, unless `rescale` converts them to pixels of the delivered one.
    Sizes are (height, width).

    `scale` says what becomes of the values after that. With ``minmax`` each channel of each clip spans `value_range`,
    so amplitude and offset are lost, as in the flow pictures that STSTNet's authors published, and `order` may name the
    channels in another order than u, v, strain. Such an array cannot be augmented.

    A flow that came with the data (`Dataset.precomputed`) is resized and scaled in the same way. Pictures hold values
    0..255 without a unit: see `read_flow`.

    >>> Flow(size=(28, 28), strain=True).shape
    (3, 28, 28)
    """

    name: ClassVar[str] = "flow"
    revision: ClassVar[int] = 1

    start: Moment = "onset"
    end: Moment = "apex"
    size: tuple[int, int]
    algorithm: Algorithm = "tvl1"
    strain: bool = False
    computed: tuple[int, int] | None = None
    rescale: bool = False
    scale: Scale = "none"
    value_range: tuple[float, float] = (0.0, 255.0)
    order: tuple[Channel, ...] = ()

    def __post_init__(self) -> None:
        self._check_scale()
        odd = [moment for moment in (self.start, self.end) if moment not in get_args(Moment)]
        if odd or self.start == self.end:
            raise EntryError(
                f"Flow(start={self.start!r}, end={self.end!r}): they are two different ones of "
                f"{', '.join(get_args(Moment))}."
            )
        check_field("Flow", self.algorithm, self.size, self.computed)

    def _check_scale(self) -> None:
        channels = _CHANNELS if self.strain else _CHANNELS[:2]
        if self.scale not in get_args(Scale) or self.value_range[0] >= self.value_range[1]:
            raise EntryError(
                f"Flow(scale={self.scale!r}, value_range={self.value_range}): scale is one of "
                f"{', '.join(get_args(Scale))}, and the range goes from a lower to a higher value."
            )
        if self.order and (self.scale != "minmax" or sorted(self.order) != sorted(channels)):
            raise EntryError(
                f"Flow(order={self.order}, scale={self.scale!r}): with scale='minmax' the order may name each of "
                f"{', '.join(channels)} once; otherwise it stays empty, since augmentation turns u and v."
            )

    @property
    def augment_as(self) -> AugmentAs:  # type: ignore[override]
        """A field of vectors; not to be warped once its channels are stretched one by one."""
        return "refused" if self.scale == "minmax" else "field"

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
        """A dataset may provide its own file."""
        return "flow"

    def array(self, files: ClipFiles) -> npt.NDArray[np.float32]:
        """The flow of one clip."""
        from merbench._files.images import grey_at
        from merbench.data.flow_files import is_picture, read_flow, read_picture
        from merbench.inputs.optical_flow import optical_flow

        ready = files.precomputed("flow")
        if ready is not None:
            as_levels = self.scale == "minmax" and is_picture(ready)
            return self.delivered(read_picture(ready) if as_levels else read_flow(ready))
        first, second = (grey_at(frame, self.computed or self.size) for frame in files.frames_at(self))
        return self.delivered(optical_flow(first, second, self.algorithm))

    def delivered(self, field: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """A field `(channel height width)` as it is handed to the method: strain added, resized, scaled, in order."""
        from merbench.inputs.optical_flow import minmax_scaled, resampled, unit_scaled

        resized = resampled(field, self.size, strain=self.strain, rescale=self.rescale)
        if self.scale == "none":
            return resized
        if self.scale == "unit":
            return unit_scaled(resized)
        places = [_CHANNELS.index(channel) for channel in self.order] or list(range(len(resized)))
        return minmax_scaled(resized, *self.value_range)[places]

    def as_dict(self) -> dict[str, object]:
        """The declaration as plain data; unscaled values, the default, are left out."""
        plain = ArrayInput.as_dict(self)
        unsaid: tuple[str, ...] = ("scale", "value_range", "order") if self.scale == "none" else ()
        unsaid = ("value_range", "order") if self.scale == "unit" else unsaid
        return {name: value for name, value in plain.items() if name not in unsaid}


#: Smaller images have no room for the windows of the algorithms: chosen here.
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
