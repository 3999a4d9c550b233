"""CD6ME: action units, leaving one of six datasets out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from merbench.kind_names import MULTI, KindName
from merbench.protocol import Fold, Protocol, by_dataset, split

if TYPE_CHECKING:
    import pandas as pd


class CD6ME(Protocol):
    """Each dataset is held out once and all others are trained on; which action units a clip has is predicted.

    Scores are over all datasets, of pooled counts, and by held-out dataset; the mean over these is the fold mean. Clips
    without coded action units are left out; those coded with none of the scheme's units stay, with all of them absent.
    """

    name = "cd6me"
    title = "Action units, leave one dataset out (CD6ME)"
    reference = "Varanka et al., arXiv 2211.11425, 2022"
    scheme = "au-12"
    kinds: ClassVar[frozenset[KindName]] = MULTI
    least_datasets = 2
    usual = ("casme", "casme2", "samm", "4dme", "mmew", "cas-me-3a")
    synthetic_datasets = ("synthetic-a", "synthetic-b", "synthetic-c", "synthetic-d", "synthetic-e", "synthetic-f")
    subsets_note = "A subset is a held-out dataset, of which nothing was trained on; full pools the counts of all."

    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        """One fold a dataset, in the order of their names."""
        for dataset in sorted(set(clips["dataset"])):
            yield split(dataset, clips, clips["dataset"] == dataset)

    def subsets(self, clips: pd.DataFrame) -> Mapping[str, str]:
        """The datasets."""
        return by_dataset(clips)
