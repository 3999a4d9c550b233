"""What a method declares that it sees."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import get_args

from merbench.errors import EntryError
from merbench.inputs.base import ArrayInput
from merbench.inputs.moments import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Frames that may stand for a moment in training: a share of a quarter span before and after it.

    `before` and `after` are shares of a quarter of the span to the neighbouring moment: for the apex, onset..apex
    before it and apex..offset after it. At test time the annotated frame itself is used.
    """

    before: float = 0.0
    after: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """Frames at the given moments, resized to `size` (height, width), RGB or `grey`.

    `windows` belong to `at` one by one. `mean` and `std` are those of the 0..1 image, by channel; a network is
    called with one tensor `(clip 3 height width)` a moment, normalised by them. Grey frames have one channel instead
    of three, normalised by the averages of `mean` and of `std`.

    >>> Frames(at=("onset", "apex"), size=(64, 64)).channels
    3
    """

    at: tuple[Moment, ...]
    size: tuple[int, int]
    windows: tuple[Window, ...] = ()
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    grey: bool = False

    def __post_init__(self) -> None:
        odd = [moment for moment in self.at if moment not in get_args(Moment)]
        if odd or not self.at or len(self.windows) > len(self.at) or min(self.size) < 1:
            raise EntryError(
                f"Frames(at={self.at}, size={self.size}): moments are {', '.join(get_args(Moment))}, at least one, "
                "with no more windows than moments, at a size of 1 or more."
            )

    def window(self, moment: Moment) -> Window:
        """The window of one moment; only the annotated frame where none was declared."""
        return dict(zip(self.at, self.windows, strict=False)).get(moment, Window())

    @property
    def channels(self) -> int:
        """One for grey frames, else three."""
        return 1 if self.grey else 3

    def as_dict(self) -> dict[str, object]:
        """The declaration as plain data; colour, which is the rule, goes without saying."""
        return {name: value for name, value in dataclasses.asdict(self).items() if name != "grey" or value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """All that a method sees of a clip; nothing for methods that use only labels.

    A network is called with one tensor a moment of `frames`, then one float32 tensor an entry of `arrays`, in order.

    >>> bool(Inputs()), bool(Inputs(frames=Frames(at=("apex",), size=(64, 64))))
    (False, True)
    """

    frames: Frames | None = None
    arrays: tuple[ArrayInput, ...] = ()

    def __post_init__(self) -> None:
        arrays: tuple[object, ...] = self.arrays
        odd = [entry for entry in arrays if not isinstance(entry, ArrayInput)]
        if odd:
            raise EntryError(
                f"Inputs(arrays={self.arrays}): {odd[0]!r} is no array input; declare Flow or another one."
            )

    def __bool__(self) -> bool:
        return self.frames is not None or bool(self.arrays)

    def as_dict(self) -> dict[str, object]:
        """The declaration as plain data, for identities and records; arrays are named only where there are any."""
        plain: dict[str, object] = {"frames": None if self.frames is None else self.frames.as_dict()}
        return {**plain, "arrays": [entry.as_dict() for entry in self.arrays]} if self.arrays else plain
