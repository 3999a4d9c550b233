"""A complete run with every epoch of its folds: its scores under each rule, and its record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from merbench.errors import StoreError, Unfinished, UnknownName, UsageError
from merbench.metrics import Labels, labels_within
from merbench.plural import plural
from merbench.results.epochs import Folds, FoldThresholds, inner_epochs, labels_at, oracle_epochs, thresholds_by
from merbench.results.fold_result import FoldResult
from merbench.results.header import RunHeader
from merbench.results.record import InnerSplits, RunRecord
from merbench.results.store import Store
from merbench.selection import RULES, Rule, inner_kinds, last_epoch
from merbench.task_kinds import AnyScores, TaskKind
from merbench.task_kinds.thresholds import Thresholds

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False)
class Run:
    """A complete run: what it is (`header`) and the results of its folds, in their order; `path` is None in memory.

    >>> import merbench, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     few = {"dataset.subjects": 3, "dataset.clips": 5}
    ...     path = merbench.run("majority", "loso", settings=few, out=f"{folder}/run").path
    ...     run = merbench.Run.load(path)
    >>> run.method, run.rules, len(run.keys)
    ('majority', ('last', 'oracle'), 3)
    """

    header: RunHeader
    outer: tuple[FoldResult, ...]
    inner: tuple[FoldResult, ...]
    path: Path | None = None
    #: The results of the further splits of `inner`, by split, then by fold; empty where there is one split.
    further_inner: tuple[tuple[FoldResult, ...], ...] = ()

    def __repr__(self) -> str:
        return f"<Run {self.method} under {self.header.description.protocol}, seed {self.seed}: {self.path}>"

    @classmethod
    def load(cls, path: Path | str) -> Run:
        """The run in a folder.

        Raises:
            StoreError: if it is no run, or folds are missing still.
        """
        store = Store(Path(path))
        header = store.read_header()
        folds = header.folds
        missing = store.missing("outer", folds)
        if missing:
            raise Unfinished(
                f"{path} is not complete: {len(missing)} of {plural(len(folds), 'fold')} are missing "
                f"({', '.join(missing[:3])}{', …' if len(missing) > 3 else ''}); run the command that began it again."
            )
        classes = len(header.classes)
        kinds = inner_kinds(header.inner_split_count)
        complete = not any(store.missing(kind, folds) for kind in kinds)
        if header.description.thresholds is not None and not complete:
            raise Unfinished(
                f"{path} lacks trainings of the rule inner, which choose thresholds; run its command again."
            )
        splits = [tuple(store.read(kind, fold, classes) for fold in folds) for kind in kinds] if complete else [()]
        outer = tuple(store.read("outer", fold, classes) for fold in folds)
        return cls(header=header, outer=outer, inner=splits[0], path=Path(path), further_inner=tuple(splits[1:]))

    @property
    def method(self) -> str:
        """The method's name."""
        return self.header.method

    @property
    def seed(self) -> int:
        """The seed."""
        return self.header.seed

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in the scheme's order."""
        return self.header.classes

    @property
    def kind(self) -> TaskKind:
        """What is predicted of a clip."""
        return self.header.kind

    @property
    def has_epochs(self) -> bool:
        """Whether the method has epochs among which a rule chooses."""
        return any(outcome.has_epochs for outcome in self.outer)

    @property
    def draws(self) -> bool:
        """Whether the method is trained by random numbers: in epochs, or because fitting took some."""
        return self.has_epochs or any(outcome.draws for outcome in self.outer)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that were requested and can be applied."""
        return tuple(rule for rule in self.header.rules if rule != "inner" or self.inner)

    def epochs(self, rule: Rule) -> tuple[int, ...]:
        """The epoch that a rule chooses in each fold, counted from 0.

        Raises:
            StoreError: if the inner trainings were not run.
        """
        if rule == "last":
            return tuple(last_epoch(outcome.probabilities) for outcome in self.outer)
        if rule == "oracle":
            return oracle_epochs(self.outer, self._thresholds)
        if rule != "inner":
            raise UsageError(f"rule={rule} is not possible: it must be one of {', '.join(RULES)}.")
        if not self.inner:
            raise StoreError("The rule inner was not run; run the same command with --select-epoch last,inner,oracle.")
        return inner_epochs(self._splits, self._thresholds)

    @property
    def _splits(self) -> tuple[tuple[FoldResult, ...], ...]:
        return (self.inner, *self.further_inner)

    @cached_property
    def _thresholds(self) -> FoldThresholds:
        return self._thresholds_by(self._splits)

    def _thresholds_by(self, splits: Sequence[Folds]) -> FoldThresholds:
        return thresholds_by(splits) if self.header.description.thresholds else [None] * len(self.outer)

    def thresholds(self, rule: Rule = "last") -> tuple[Thresholds, ...] | None:
        """The threshold `(unit)` of each unit in each fold, at the epoch that a rule chooses; None where all are 0.5.

        They give each unit its highest F1 on the training subjects that the rule `inner` keeps back.
        """
        chosen = zip(self._thresholds, self.epochs(rule), strict=True)
        by_fold = [thresholds[epoch] for thresholds, epoch in chosen if thresholds is not None]
        return tuple(by_fold) or None

    @cached_property
    def inner_splits(self) -> InnerSplits | None:
        """What each split of `inner` chooses alone, and UF1 then; None where there is one split, or none was run."""
        if not self.further_inner:
            return None
        alone = [self._thresholds_by([split]) for split in self._splits]
        chosen = [inner_epochs([split], own) for split, own in zip(self._splits, alone, strict=True)]
        return InnerSplits(
            epochs=tuple(tuple(epoch + 1 for epoch in epochs) for epochs in chosen),
            uf1=tuple(
                self.kind.headline_score(labels_at(self.outer, *at), len(self.classes), averaged=self.averaged)
                for at in zip(chosen, alone, strict=True)
            ),
        )

    def probabilities(self, rule: Rule) -> list[npt.NDArray[np.float32]]:
        """Probabilities `(clip class)` of each fold at the epoch that a rule chooses."""
        return [outcome.probabilities[epoch] for outcome, epoch in zip(self.outer, self.epochs(rule), strict=True)]

    def predictions(self, rule: Rule) -> list[tuple[Labels, Labels]]:
        """True and predicted labels `(clip)`, or `(clip unit)`, of each fold under a rule."""
        return labels_at(self.outer, self.epochs(rule), self._thresholds)

    @property
    def subsets(self) -> dict[str, tuple[str, ...]]:
        """The keys of the clips of each subset that the protocol reports apart; empty where it reports none."""
        return dict(self.header.subsets)

    @property
    def averaged(self) -> bool:
        """Whether the protocol takes the mean of its folds' scores, instead of pooling their counts."""
        return self.header.averaged

    def scores(self, rule: Rule = "last", subset: str | None = None) -> AnyScores:
        """The scores under a rule: of all clips, or of a subset's, from the same predictions.

        Raises:
            UnknownName: if the protocol reports no such subset.
        """
        folds = self.predictions(rule)
        if subset is not None:
            if subset not in self.subsets:
                raise UnknownName("subset", subset, self.subsets)
            folds = labels_within(self.subsets[subset], self.keys, folds)
        return self.kind.scores(folds, len(self.classes), averaged=self.averaged)

    @property
    def keys(self) -> list[tuple[str, ...]]:
        """The keys of the held-out clips of each fold."""
        return [outcome.keys for outcome in self.outer]

    @property
    def optimism(self) -> float | None:
        """The score that ranks (UF1, or mean F1 of units) under oracle less last; None for a method without epochs."""
        return self.scores("oracle").headline - self.scores("last").headline if self.has_epochs else None

    @cached_property
    def curve(self) -> tuple[float, ...]:
        """The score that ranks after each epoch, all folds at the same one, pooled or averaged as the protocol says."""
        points = min(outcome.epochs for outcome in self.outer)
        return tuple(self._score_after(epoch) for epoch in range(points))

    def _score_after(self, epoch: int) -> float:
        folds = labels_at(self.outer, [epoch] * len(self.outer), self._thresholds)
        if not self.averaged:
            folds = [
                (np.concatenate([truth for truth, _ in folds]), np.concatenate([predicted for _, predicted in folds]))
            ]
        return self.kind.headline_score(folds, len(self.classes), averaged=self.averaged)

    @property
    def seconds(self) -> float:
        """The time that all trainings took."""
        return sum(outcome.seconds for outcome in (*self.outer, *(one for split in self._splits for one in split)))

    def to_pandas(self, rule: Rule = "last") -> pd.DataFrame:
        """A row for each held-out clip: fold, clip, subject, true, predicted, correct, and ``p(CLASS)`` of each class.

        >>> import merbench, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     few = {"dataset.subjects": 3, "dataset.clips": 5}
        ...     run = merbench.run("majority", "loso", settings=few, runs=folder)
        >>> frame = run.to_pandas()
        >>> len(frame), list(frame.columns[:6])
        (15, ['fold', 'clip', 'subject', 'true', 'predicted', 'correct'])
        >>> int(run.confusion().to_numpy().sum())
        15
        """
        from merbench.results.run_frames import clip_frame

        return clip_frame(self, rule)

    def confusion(self, rule: Rule = "last") -> pd.DataFrame:
        """Counts of clips by true (rows) and predicted class (columns), pooled over folds; by unit, right or wrong."""
        from merbench.results.run_frames import confusion_frame

        return confusion_frame(self, rule)

    def plot_confusion(self, rule: Rule = "last", axes: Axes | None = None, *, shares: bool = True) -> Axes:
        """The axes with the confusion matrix, as shares of the true class or as counts; needs the extra `plot`."""
        from merbench.results.run_plots import plot_confusion

        return plot_confusion(self, rule, axes, shares=shares)

    def plot_subjects(self, rule: Rule = "last", axes: Axes | None = None) -> Axes:
        """The axes with the accuracy of each subject, the lowest at the bottom; needs the extra `plot`."""
        from merbench.results.run_plots import plot_subjects

        return plot_subjects(self, rule, axes)

    def plot_curve(self, axes: Axes | None = None) -> Axes:
        """The axes with UF1 of the held-out clips after each epoch; needs the extra `plot`."""
        from merbench.results.run_plots import plot_curve

        return plot_curve(self, axes)

    def record(self) -> RunRecord:
        """The compact record: keys, truths and probabilities under each rule; no pictures, no paths."""
        from merbench.results.run_record import run_record

        return run_record(self)


def by_group(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Runs by group: those that differ in their seed alone."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.header.group, []).append(run)
    return groups
