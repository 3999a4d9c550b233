"""Leave one dataset out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from merbench.protocol import Fold, Protocol, by_dataset, split

if TYPE_CHECKING:
    import pandas as pd


class CrossDataset(Protocol):
    """Each dataset is held out once and all others are trained on; scores are over all and by held-out dataset."""

    name = "cross-dataset"
    title = "Leave one dataset out"
    reference = "Varanka et al., arXiv 2211.11425, 2022"
    scheme = "3-class-megc2019"
    least_datasets = 2
    usual = ("casme2", "smic-hs", "samm")
    synthetic_datasets = ("synthetic-a", "synthetic-b", "synthetic-c")
    subsets_note = "A subset is a held-out dataset, of which nothing was trained on; full pools the counts of all."

    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        """One fold a dataset, in the order of their names."""
        for dataset in sorted(set(clips["dataset"])):
            yield split(dataset, clips, clips["dataset"] == dataset)

    def subsets(self, clips: pd.DataFrame) -> Mapping[str, str]:
        """The datasets."""
        return by_dataset(clips)
