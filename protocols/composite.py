"""The composite of MEGC 2019: several datasets as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from merbench.protocol import Fold, Protocol, by_dataset, split, subjects_of

if TYPE_CHECKING:
    import pandas as pd


class Composite(Protocol):
    """Leaves one subject out over the union of several datasets, in the classes negative, positive, surprise.

    Scores are reported over all and for each dataset, both of the one run: counts are pooled over all folds, or over
    those of the dataset's subjects. A dataset's column is no single-database result, as all datasets were trained on.
    """

    name = "composite"
    title = "Composite database evaluation (CDE)"
    reference = "See et al., MEGC 2019, section 3"
    scheme = "3-class-megc2019"
    least_datasets = 2
    usual: ClassVar[tuple[str, ...]] = ("casme2", "smic-hs", "samm")
    synthetic_datasets: ClassVar[tuple[str, ...]] = ("synthetic-a", "synthetic-b", "synthetic-c")
    subsets_note = (
        "Counts are pooled within the part. It is no single-database result: all datasets but its held-out subjects "
        "were trained on."
    )

    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        """One fold a subject of any dataset, in the order of their qualified ids."""
        for subject in subjects_of(self, clips):
            yield split(subject, clips, clips["subject"] == subject)

    def subsets(self, clips: pd.DataFrame) -> Mapping[str, str]:
        """The datasets."""
        return by_dataset(clips)
