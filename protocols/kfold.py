"""Subjects distributed over folds: k trainings instead of one a subject."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from merbench.entries.parameters import Parameters, parameter
from merbench.errors import ProtocolError
from merbench.plural import plural
from merbench.protocol import Fold, Protocol, split, subjects_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class KFoldParameters(Parameters):
    """How many folds, and how subjects are distributed over them."""

    folds: int = parameter(5, "chosen here: a fifth is held out at a time; the usual k", low=2, high=200)
    seed: int = parameter(0, "chosen here: other seeds distribute the subjects otherwise", low=0, high=2**31 - 1)


class KFold(Protocol):
    """Whole subjects are distributed over folds by a seeded permutation; each fold is held out once.

    Folds differ by one subject at most. The permutation is of the sorted qualified ids, so the order of rows in the
    annotation file changes nothing.
    """

    name = "kfold"
    title = "Subject-independent k-fold"
    reference = "Kohavi, A study of cross-validation, IJCAI 1995; distributed by subject, not by clip"
    Parameters = KFoldParameters
    parameters: KFoldParameters

    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        """The folds, named ``1 of 5`` and so on.

        Raises:
            ProtocolError: if there are fewer subjects than folds.
        """
        count = self.parameters.folds
        for number, subjects in enumerate(self._distributed(subjects_of(self, clips)), start=1):
            yield split(f"{number} of {count}", clips, clips["subject"].isin(subjects))

    def _distributed(self, subjects: list[str]) -> list[list[str]]:
        import numpy as np

        count = self.parameters.folds
        if len(subjects) < count:
            raise ProtocolError(
                f"kfold with folds={count} needs at least {plural(count, 'subject')}, but there are {len(subjects)} "
                f"({', '.join(subjects[:5])}{', …' if len(subjects) > 5 else ''}); give data of further subjects, "
                f"or --set protocol.folds={len(subjects)}."
            )
        order = np.random.default_rng(self.parameters.seed).permutation(len(subjects))
        return [[subjects[place] for place in order[fold::count]] for fold in range(count)]
