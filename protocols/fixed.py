"""The split that a dataset comes with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from merbench.errors import ProtocolError
from merbench.plural import plural
from merbench.protocol import Fold, Protocol

if TYPE_CHECKING:
    import pandas as pd

#: What the column `split` says of a clip that is trained on; every other word names a test split.
TRAIN = "train"


class Fixed(Protocol):
    """Trains on the clips whose `split` is ``train``, and tests on each other split, such as ``testA`` and ``testB``.

    A fold a test split, each trained anew on the same clips. Clips of ``train`` are never tested.
    """

    name = "fixed"
    title = "The dataset's own split"
    reference = "Zhao et al., DFME, 2023: train, testA and testB"
    every_clip_once = False
    needs = ("split",)
    subsets_note = "A subset is one test split; full pools the counts of all of them."

    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        """One fold a test split, in the order of their names.

        Raises:
            ProtocolError: if a clip has no split, none is trained on, or none is tested.
        """
        lacking = sorted(clips.index[clips["split"] == ""])
        if lacking:
            raise ProtocolError(
                f"fixed needs a column 'split' in the table that says {TRAIN} or names a test split, but "
                f"{len(lacking)} of {plural(len(clips), 'clip')} have none there ({lacking[0]}); "
                "fill it, or choose another --protocol."
            )
        names = sorted(set(clips["split"]))
        if TRAIN not in names or len(names) < 2:
            raise ProtocolError(
                f"fixed needs clips whose split is {TRAIN} and clips of another, but has {', '.join(names)} alone, of "
                "those with a class; correct the column 'split', or choose another --protocol. Test clips without a "
                "class are not scored but predicted: run --protocol loso --keep-weights, then merbench predict RUN "
                "--manifest FILE.csv."
            )
        train = tuple(sorted(clips.index[clips["split"] == TRAIN]))
        for name in names:
            if name != TRAIN:
                yield Fold(name=name, train=train, test=tuple(sorted(clips.index[clips["split"] == name])))

    def subsets(self, clips: pd.DataFrame) -> Mapping[str, str]:
        """The test splits, of the clips that are tested."""
        tested = clips[clips["split"] != TRAIN]
        return dict(zip(tested.index, tested["split"], strict=True))
