"""Leave one subject out: a fold a subject."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from merbench.errors import ProtocolError
from merbench.protocol import Fold, Protocol

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
        subjects = sorted(set(clips["subject"]))
        if len(subjects) < 2:
            raise ProtocolError(
                f"loso needs at least 2 subjects, but all {len(clips)} clips are of {', '.join(subjects) or 'none'}; "
                "give data of further subjects."
            )
        ordered = clips.sort_index()
        for subject in subjects:
            held_out = ordered["subject"] == subject
            yield Fold(name=subject, train=tuple(ordered.index[~held_out]), test=tuple(ordered.index[held_out]))
