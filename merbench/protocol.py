"""The contract of a protocol, the fold, and the audit that every set of folds passes before anything is trained."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from merbench.entries import parameters as typed
from merbench.entries.attribution import attributed
from merbench.errors import ProtocolError
from merbench.kind_names import BOTH, KindName
from merbench.plural import plural

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """One split by clip keys: what is trained on, and what is held out. `name` is the held-out subject or part.

    >>> Fold(name="lab/02", train=("lab/01/a/1", "lab/01/b/1"), test=("lab/02/a/1",)).name
    'lab/02'
    """

    name: str
    train: tuple[str, ...]
    test: tuple[str, ...]


class Protocol(ABC):
    """How clips are split into folds.

    `clips` is indexed by clip key, with the columns `dataset`, `subject` (qualified by its dataset) and `label`.
    `scheme` is the class set that it fixes unless the user names another, `least_datasets` how many datasets it needs,
    `usual` are those that it was designed for, taken where none is named and all are configured, and
    `synthetic_datasets` are those that it runs on otherwise. One that is `leaky` may train on held-out subjects; it is
    never ranked, and says so wherever its scores are shown.

    `kinds` are the kinds of task that it serves. `needs` are further columns that it reads: ``split``, which is empty
    text where a dataset has none. Counts are pooled over folds; with `averaged`, every score is the mean of the folds'
    own. `subsets_note` says in a sentence what a row of the table of subsets is.

    >>> class Mine(Protocol):
    ...     name, title = "mine", "One subject out"
    ...     def folds(self, clips):
    ...         for subject in subjects_of(self, clips):
    ...             yield split(subject, clips, clips["subject"] == subject)
    >>> import pandas as pd
    >>> clips = pd.DataFrame({"dataset": "lab", "subject": ["lab/1", "lab/2"], "label": "a"}, index=["k1", "k2"])
    >>> [fold.name for fold in checked_folds(Mine(), clips)]
    ['lab/1', 'lab/2']
    """

    entry_kind: ClassVar[str] = "protocol"
    name: ClassVar[str]
    title: ClassVar[str]
    reference: ClassVar[str] = ""
    every_clip_once: ClassVar[bool] = True
    leaky: ClassVar[bool] = False
    averaged: ClassVar[bool] = False
    kinds: ClassVar[frozenset[KindName]] = BOTH
    needs: ClassVar[tuple[str, ...]] = ()
    subsets_note: ClassVar[str] = ""
    scheme: ClassVar[str | None] = None
    least_datasets: ClassVar[int] = 1
    usual: ClassVar[tuple[str, ...]] = ()
    synthetic_datasets: ClassVar[tuple[str, ...]] = ("synthetic",)
    Parameters: ClassVar[type[typed.Parameters]] = typed.Parameters

    def __init__(self, parameters: typed.Parameters | None = None) -> None:
        self.parameters = parameters or self.Parameters()

    @abstractmethod
    def folds(self, clips: pd.DataFrame) -> Iterator[Fold]:
        """The folds, the same for any order of rows."""

    def subsets(self, clips: pd.DataFrame) -> Mapping[str, str]:
        """By clip key, the subset of the clip where scores are also reported by subset; empty otherwise."""
        return {}


def checked_folds(protocol: Protocol, clips: pd.DataFrame) -> tuple[Fold, ...]:
    """The folds of a protocol, proven sound.

    Raises:
        ProtocolError: if a subject stands on both sides of a fold, a clip is unknown, repeated or never held out,
            a fold has nothing to train on, or a column that the protocol needs is not there.
    """
    require_datasets(protocol, set(clips["dataset"]))
    _require_columns(protocol, clips)
    with attributed(protocol, "making folds"):
        folds = tuple(protocol.folds(clips.copy()))  # what it does to the table harms nobody
    if not folds:
        raise ProtocolError(f"{protocol.name}: no folds come of {plural(len(clips), 'clip')}.")
    for fold in folds:
        _require_fold(protocol, fold)
        _audit_fold(protocol, fold, clips)
    if protocol.every_clip_once:
        _audit_cover(protocol.name, folds, clips)
    if len({fold.name for fold in folds}) != len(folds):
        raise ProtocolError(f"{protocol.name}: two folds have the same name.")
    return folds


def require_datasets(protocol: Protocol, names: Collection[str]) -> None:
    """Nothing, if there are datasets enough for a protocol.

    Raises:
        ProtocolError: if there are not.
    """
    if len(set(names)) < protocol.least_datasets > 1:
        raise ProtocolError(
            f"{protocol.name} needs at least {plural(protocol.least_datasets, 'dataset')}, but the run has "
            f"{', '.join(sorted(names)) or 'none'} alone; give --data NAME=DIR for each, or none for synthetic ones."
        )


def _require_columns(protocol: Protocol, clips: pd.DataFrame) -> None:
    lacking = [column for column in protocol.needs if column not in clips.columns]
    if lacking:
        raise ProtocolError(
            f"{protocol.name} needs the column {', '.join(lacking)} of the clips, which have "
            f"{', '.join(map(str, clips.columns))}."
        )


def by_dataset(clips: pd.DataFrame) -> dict[str, str]:
    """Datasets as subsets: the dataset of each clip, by key."""
    return dict(zip(clips.index, clips["dataset"], strict=True))


def subjects_of(protocol: Protocol, clips: pd.DataFrame) -> list[str]:
    """The qualified subjects, sorted, of which a protocol that keeps subjects apart needs at least two.

    Raises:
        ProtocolError: if there is only one, or none.
    """
    subjects = sorted(set(clips["subject"]))
    if len(subjects) < 2:
        raise ProtocolError(
            f"{protocol.name} needs at least 2 subjects, but all {plural(len(clips), 'clip')} are of "
            f"{', '.join(subjects) or 'none'}; give data of further subjects."
        )
    return subjects


def untrained_subjects(folds: Sequence[Fold], clips: pd.DataFrame) -> dict[str, list[str]]:
    """By fold name, the subjects of whom nothing is trained on there, sorted."""
    every = set(clips["subject"])
    return {fold.name: sorted(every - set(clips.loc[list(fold.train), "subject"])) for fold in folds}


def split(name: str, clips: pd.DataFrame, held_out: pd.Series | npt.NDArray[np.bool_]) -> Fold:
    """The fold that tests the clips of a mask and trains on all others, both in the order of their keys."""
    return Fold(
        name=name,
        train=tuple(sorted(clips.index[~held_out])),
        test=tuple(sorted(clips.index[held_out])),
    )


def untrained_classes(
    folds: Sequence[Fold], clips: pd.DataFrame, parts: Callable[[str], Collection[str]] = lambda label: (label,)
) -> dict[str, tuple[str, ...]]:
    """By fold, the classes that are held out without any training clip; `parts` gives the classes of a label."""
    lacking_by_fold = {}
    for fold in folds:
        held_out, trained = (
            {name for label in set(clips.loc[list(side), "label"]) for name in parts(label)}
            for side in (fold.test, fold.train)
        )
        lacking = sorted(held_out - trained)
        if lacking:
            lacking_by_fold[fold.name] = tuple(lacking)
    return lacking_by_fold


def checked_subsets(protocol: Protocol, clips: pd.DataFrame) -> Mapping[str, str]:
    """The subset of each clip of a protocol, by key; empty where it has none.

    Raises:
        ProtocolError: if it says something else, or names clips that there are not.
    """
    with attributed(protocol, "naming subsets"):
        subsets: object = protocol.subsets(clips.copy())
    if not isinstance(subsets, Mapping) or not all(isinstance(name, str) for name in subsets.values()):
        raise ProtocolError(
            f"{protocol.name}: subsets() gives {subsets!r:.60}, but must give the subset of clips by key."
        )
    if unknown := set(subsets) - set(clips.index):
        raise ProtocolError(f"{protocol.name}: subsets() names an unknown clip, {min(map(str, unknown))}.")
    return subsets


def _require_fold(protocol: Protocol, fold: object) -> None:
    """Refuse what is no `Fold` of keys; sides may be lists."""
    texts: list[object] = [fold.name] if isinstance(fold, Fold) else [None]
    for side in (getattr(fold, "train", None), getattr(fold, "test", None)):
        texts += side if isinstance(side, tuple | list) else [None]
    if not all(isinstance(text, str) for text in texts):
        raise ProtocolError(
            f"{protocol.name}: folds() gives {fold!r:.60}, but must give Fold(name=TEXT, train=KEYS, test=KEYS), keys "
            "being those of the table's index."
        )


def _audit_fold(protocol: Protocol, fold: Fold, clips: pd.DataFrame) -> None:
    name = protocol.name
    if not fold.train or not fold.test:
        raise ProtocolError(f"{name}, fold {fold.name}: one side of the split is empty.")
    unknown = (set(fold.train) | set(fold.test)) - set(clips.index)
    if unknown:
        raise ProtocolError(f"{name}, fold {fold.name}: unknown clip {sorted(unknown)[0]}.")
    if len(set(fold.train)) != len(fold.train) or len(set(fold.test)) != len(fold.test):
        raise ProtocolError(f"{name}, fold {fold.name}: a clip stands twice on one side.")
    shared = set(clips.loc[list(fold.train), "subject"]) & set(clips.loc[list(fold.test), "subject"])
    if shared and not protocol.leaky:
        raise ProtocolError(
            f"{name}, fold {fold.name}: subject {sorted(shared)[0]} is trained on and held out; subjects must differ."
        )
    both = set(fold.train) & set(fold.test)
    if both:
        raise ProtocolError(
            f"{name}, fold {fold.name}: clip {min(both)} is trained on and held out; clips must differ."
        )


def _audit_cover(name: str, folds: Sequence[Fold], clips: pd.DataFrame) -> None:
    tested = [key for fold in folds for key in fold.test]
    repeated = len(tested) - len(set(tested))
    missed = set(clips.index) - set(tested)
    if repeated or missed:
        raise ProtocolError(
            f"{name}: every clip must be held out exactly once, but {repeated} are held out again "
            f"and {len(missed)} never."
        )
