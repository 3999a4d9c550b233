"""A source whose frames are cut before anything sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from merbench.annotations.clips import Clip
from merbench.data.source import Source
from merbench.inputs.alignment.geometry import STYLES

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignedSource(Source):
    """A source whose frames are cut by `cuts`, by clip key; clips without one stay as distributed."""

    style: str
    cuts: Mapping[str, npt.NDArray[np.float32]]

    @property
    def size(self) -> tuple[int, int]:
        """The crop's (height, width)."""
        return STYLES[self.style].size


def cut_of(source: Source, clip: Clip) -> tuple[npt.NDArray[np.float32], tuple[int, int]] | None:
    """The cut of a clip and the crop's size; None where its frames stay as distributed."""
    if not isinstance(source, AlignedSource) or clip.key not in source.cuts:
        return None
    return source.cuts[clip.key], source.size
