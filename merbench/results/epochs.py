"""The epoch of each fold that counts under a rule, and the thresholds of units there."""

from __future__ import annotations

from collections.abc import Sequence

from merbench.metrics import Labels
from merbench.results.fold_result import FoldResult
from merbench.selection import Inner, inner_epoch, inner_thresholds, oracle_epoch
from merbench.task_kinds import kind_named
from merbench.task_kinds.thresholds import Thresholds

#: The results of the trainings of one kind, by fold.
Folds = Sequence[FoldResult]
#: By fold, the thresholds `(epoch unit)`; None where they are 0.5.
FoldThresholds = Sequence[Thresholds | None]


def thresholds_by(splits: Sequence[Folds]) -> list[Thresholds]:
    """By fold, the thresholds `(epoch unit)` that splits of the rule inner choose."""
    return [inner_thresholds(*map(_inner, fold)) for fold in zip(*splits, strict=True)]


def inner_epochs(splits: Sequence[Folds], thresholds: FoldThresholds) -> tuple[int, ...]:
    """The epoch of each fold that splits of the rule inner choose."""
    folds = zip(zip(*splits, strict=True), thresholds, strict=True)
    return tuple(inner_epoch(*map(_inner, fold), thresholds=above) for fold, above in folds)


def oracle_epochs(outer: Folds, thresholds: FoldThresholds) -> tuple[int, ...]:
    """The epoch of each fold that its own held-out clips choose."""
    return tuple(
        oracle_epoch(each.probabilities, each.truth, each.kind_of_task, above)
        for each, above in zip(outer, thresholds, strict=True)
    )


def labels_at(outer: Folds, epochs: Sequence[int], thresholds: FoldThresholds) -> list[tuple[Labels, Labels]]:
    """True and predicted labels of each fold at an epoch of its own."""
    return [
        (
            each.truth,
            kind_named(each.kind_of_task).predicted(each.probabilities[epoch], None if above is None else above[epoch]),
        )
        for each, epoch, above in zip(outer, epochs, thresholds, strict=True)
    ]


def _inner(outcome: FoldResult) -> Inner:
    return Inner(probabilities=outcome.probabilities, truth=outcome.truth, kind=outcome.kind_of_task)
