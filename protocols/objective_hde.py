"""The holdout evaluation of MEGC 2018: from one database to the other, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from merbench.errors import ProtocolError
from merbench.protocol import Fold, Protocol, by_dataset, split

if TYPE_CHECKING:
    import pandas as pd


class ObjectiveHoldout(Protocol):
    """Trains on one dataset and tests on the other, in both directions, in the objective classes I to V.

    Every score is the mean of the two directions' own: each dataset weighs the same, however many clips it has.
    """

    name = "objective-hde"
    title = "Holdout database evaluation (HDE) in objective classes"
    reference = "Yap et al., MEGC 2018"
    averaged = True
    subsets_note = "A subset is one direction: the dataset that was tested, with nothing of it trained on."
    scheme = "objective"
    least_datasets = 2
    usual = ("casme2", "samm")
    synthetic_datasets = ("synthetic-d", "synthetic-e")

    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        """The two directions, named ``A to B``, in the order of the dataset that is trained on.

        Raises:
            ProtocolError: if there are more than two datasets.
        """
        names = sorted(set(clips["dataset"]))
        if len(names) != 2:
            raise ProtocolError(
                f"{self.name} goes from one dataset to the other and back, so it needs just 2, but the run has "
                f"{', '.join(names)}; name two of them with --data or --dataset."
            )
        for train, test in (names, reversed(names)):
            yield split(f"{train} to {test}", clips, clips["dataset"] == test)

    def subsets(self, clips: pd.DataFrame) -> Mapping[str, str]:
        """The datasets."""
        return by_dataset(clips)
