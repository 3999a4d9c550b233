"""Leave one clip out: leaky, and here to show by how much."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from merbench.protocol import Fold, Protocol, split, subjects_of

if TYPE_CHECKING:
    import pandas as pd


class LeaveOneClipOut(Protocol):
    """Each clip is held out once and all others are trained on, those of the same subject too.

    Leaky: a method can know the face it is tested on. Its scores say nothing of new people and are never ranked.
    """

    name = "leave-one-clip-out"
    title = "Leave one clip out"
    reference = "Yan et al., PLOS ONE 2014, as a baseline on CASME II"
    leaky = True

    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        """One fold a clip, named by its key, in the order of keys."""
        subjects_of(self, clips)
        for key in sorted(clips.index):
            yield split(key, clips, clips.index == key)
