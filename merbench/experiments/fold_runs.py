"""The trainings of a run: which clips each is trained on, and which it watches."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.data.labelled_clips import LabelledClips
from merbench.errors import ProtocolError
from merbench.protocol import Fold
from merbench.selection import inner_subjects


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldRun:
    """One training: the positions of the clips to train on and to watch, the fold and the kind of outcome."""

    fold: str
    kind: str
    train: npt.NDArray[np.int64]
    watch: npt.NDArray[np.int64]


def fold_runs(task: LabelledClips, folds: Sequence[Fold], kinds: Collection[str], seed: int = 0) -> list[FoldRun]:
    """The trainings that the folds ask for: `outer` ones, and `inner` ones where that rule is wanted.

    `seed` draws the subjects that further splits of `inner` keep back.

    Raises:
        ProtocolError: if a fold has too few training subjects to keep one back.
    """
    place = {key: index for index, key in enumerate(task.clips.index)}
    planned = []
    for fold in folds:
        train = np.array([place[key] for key in fold.train])
        watch = np.array([place[key] for key in fold.test])
        if "outer" in kinds:
            planned.append(FoldRun(fold=fold.name, kind="outer", train=train, watch=watch))
        planned += [_inner(task, fold.name, train, kind, seed) for kind in kinds if kind != "outer"]
    return planned


def _inner(task: LabelledClips, fold: str, train: npt.NDArray[np.int64], kind: str, seed: int) -> FoldRun:
    subjects = task.clips["subject"].to_numpy()[train]
    kept_back = np.isin(subjects, inner_subjects(list(subjects), _draws(fold, kind, seed)))
    if kept_back.all():
        raise ProtocolError(
            f"fold {fold}: the rule inner needs at least 2 training subjects, there is one; "
            "use --select-epoch last,oracle."
        )
    return FoldRun(fold=fold, kind=kind, train=train[~kept_back], watch=train[kept_back])


def _draws(fold: str, kind: str, seed: int) -> np.random.Generator | None:
    """What the subjects of a further split are drawn by; None for the first, which is fixed."""
    if kind == "inner":
        return None
    from merbench.training.randomness import generator

    return generator(seed, fold, f"{kind} split")
