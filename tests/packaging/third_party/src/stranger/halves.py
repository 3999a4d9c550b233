"""A protocol of a third party."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from merbench import Fold, Protocol
from merbench.protocol import split, subjects_of

if TYPE_CHECKING:
    import pandas as pd


class Halves(Protocol):
    """Every other subject is held out, then those between them."""

    name = "stranger-halves"
    title = "A stranger's halves"

    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        """Two folds."""
        subjects = subjects_of(self, clips)
        for name, half in (("first", subjects[::2]), ("second", subjects[1::2])):
            yield split(name, clips, clips["subject"].isin(half))
