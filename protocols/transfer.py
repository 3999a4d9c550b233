"""Train on one dataset, test on another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from merbench.entries.parameters import Parameters, parameter
from merbench.errors import ProtocolError
from merbench.protocol import Fold, Protocol, split

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class TransferParameters(Parameters):
    """From where to where."""

    train: str = parameter("synthetic-a", "the dataset that is trained on; a synthetic one if not given")
    test: str = parameter("synthetic-b", "the dataset that is held out; a synthetic one if not given")


class Transfer(Protocol):
    """One training on all clips of a dataset, one test on all clips of another. Clips of the first are never tested."""

    name = "transfer"
    title = "Train on one dataset, test on another"
    reference = "the halves of HDE: Yap et al., MEGC 2018"
    every_clip_once = False
    scheme = "3-class-megc2019"
    least_datasets = 2
    synthetic_datasets = ("synthetic-a", "synthetic-b")
    Parameters = TransferParameters
    parameters: TransferParameters

    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        """The one fold, named ``A to B``.

        Raises:
            ProtocolError: if the run's datasets are not just the two that the parameters name.
        """
        train, test = self.parameters.train, self.parameters.test
        names = sorted(set(clips["dataset"]))
        if sorted({train, test}) != names or train == test:
            raise ProtocolError(
                f"transfer from train={train} to test={test} needs just these two datasets, but the run has "
                f"{', '.join(names)}; name two with --data, and --set protocol.train=NAME --set protocol.test=NAME."
            )
        yield split(f"{train} to {test}", clips, clips["dataset"] == test)
