"""The contract of an input that is computed: one array of a fixed shape a clip."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Literal

from merbench.annotations.clips import Clip

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from merbench.inputs.clip_reader import ClipFiles

#: How an array follows a face that is flipped, turned or shifted: see `merbench.training.device.arrays`.
AugmentAs = Literal["image", "field", "points", "fixed", "refused"]


class ArrayInput(ABC):
    """What a method sees of a clip, computed once from some frames and cached; subclasses are frozen dataclasses.

    `name` and the fields tell entries of the cache apart; `revision` is raised whenever equal frames would give another
    array than before, and `libraries` are the distributions whose version could change it.

    `augment_as` says what training augmentation does with the array: ``image`` is grey levels 0..255,
    whose pixels move (a network is handed them divided by 255); of a ``field`` the pixels move too, and the first two
    channels are vectors (right, down) that turn; ``points`` are the 68 landmarks in pixels of a declared `size`;
    ``fixed`` is left alone; of
    ``refused`` augmentation would make something else, so that it is an error.
    """

    name: ClassVar[str]
    revision: ClassVar[int]
    libraries: ClassVar[tuple[str, ...]] = ()
    augment_as: ClassVar[AugmentAs] = "image"

    def __init_subclass__(cls) -> None:
        former = vars(cls).get("moves")  # what plugins called `augment_as` before
        if former is not None and "augment_as" not in vars(cls):
            cls.augment_as = "fixed" if former == "still" else former

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """The shape of one clip's array; an image's last axes are height and width, the one before its channels."""

    @property
    def dtype(self) -> str:
        """``float32``, or ``uint8`` for grey levels."""
        return "float32"

    @abstractmethod
    def numbers(self, clip: Clip) -> tuple[int, ...]:
        """The frame numbers it needs of a clip."""

    @abstractmethod
    def array(self, files: ClipFiles) -> npt.NDArray[np.generic]:
        """The array of one clip.

        Raises:
            FrameError: naming the clip, if it is not available.
        """

    def precomputed(self) -> str | None:
        """The name under which a dataset may provide it precomputed; None if it cannot."""
        return None

    def as_dict(self) -> dict[str, object]:
        """The declaration as plain data, with its kind and revision."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}  # type: ignore[arg-type]
        return {"input": self.name, "revision": self.revision, **fields}
