"""Leave one subject out: a fold a subject."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from merbench.protocol import Fold, Protocol, split, subjects_of

if TYPE_CHECKING:
    import pandas as pd


class LeaveOneSubjectOut(Protocol):
    """Each subject is held out once; the network is trained on all others. Counts are pooled over folds."""

    name = "loso"
    title = "Leave one subject out"
    reference = "See et al., MEGC 2019, section 3"

    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        """One fold a subject, in the order of their qualified ids.

        Raises:
            ProtocolError: if there is only one subject.
        """
        for subject in subjects_of(self, clips):
            yield split(subject, clips, clips["subject"] == subject)
