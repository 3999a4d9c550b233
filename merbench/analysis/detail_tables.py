"""The detail behind a method's UF1 as tables."""

from __future__ import annotations

from collections.abc import Sequence

from merbench.analysis.comparison_tables import plain
from merbench.analysis.score_detail import ScoreDetail
from merbench.analysis.statistics import Calibration, Interval, UnitRecall
from merbench.analysis.table import Table
from merbench.plural import plural

_INTERVALS = (
    "95 % t intervals over subjects and seeds; that of a single seed leaves out the variation over seeds. With a "
    "handful of subjects they are too narrow, and one without width says that all subjects agree, not that it is "
    "certain."
)

_CALIBRATION = (
    "Bins of equally many clips, from the least to the most confident; confidence: the mean probability of the "
    "predicted class. The error is the mean difference of the two over clips, biased upwards with few of them."
)


def class_interval_table(label: str, detail: ScoreDetail) -> Table | None:
    """F1 and recall of each class with intervals; None where the protocol averages its folds."""
    if not detail.by_class:
        return None
    return Table(
        title=f"{label} by class, rule {detail.rule}: intervals",
        columns=("class", "clips", "subjects", "F1", "from", "to", "recall", "from", "to"),
        rows=tuple(
            (row.name, str(row.clips), str(row.subjects), *_ends(row.f1), *_ends(row.recall)) for row in detail.by_class
        ),
        notes=(_INTERVALS,),
    )


def rate_table(label: str, detail: ScoreDetail) -> Table:
    """The share of each true class that is predicted as each class, all seeds together."""
    seeds = f", {plural(detail.seeds, 'seed')}" if detail.seeds > 1 else ""
    return Table(
        title=f"{label}: share of the true class (row) predicted as each class (column), rule {detail.rule}{seeds}",
        columns=("true", *detail.classes),
        rows=tuple(
            (name, *(plain(rate) for rate in row)) for name, row in zip(detail.classes, detail.rates, strict=True)
        ),
    )


def calibration_table(label: str, detail: ScoreDetail) -> Table | None:
    """The reliability curve with the calibration error; None for a method that gives no probabilities."""
    if detail.calibration is None:
        return None
    return Table(
        title=f"{label}: calibration, rule {detail.rule}; expected calibration error {detail.calibration.error:.3f}",
        columns=("bin", "clips", "confidence", "accuracy"),
        rows=_bins(detail.calibration),
        notes=(_CALIBRATION,),
    )


def unit_tables(label: str, detail: ScoreDetail) -> list[Table]:
    """Recall by action unit and by combination; none where no clip is coded."""
    named: Sequence[tuple[str, tuple[UnitRecall, ...]]] = (
        ("action unit", detail.units),
        ("combination", detail.combinations),
    )
    return [
        Table(
            title=f"{label} by {name}, rule {detail.rule}",
            columns=(name, "clips", "subjects", "recall", "from", "to"),
            rows=tuple((row.name, str(row.clips), str(row.subjects), *_ends(row.recall)) for row in rows),
            notes=(f"Recall: the share of these clips whose class is right. {_INTERVALS}",),
        )
        for name, rows in named
        if rows
    ]


def _bins(curve: Calibration) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (str(number), str(each.clips), f"{each.confidence:.3f}", f"{each.accuracy:.3f}")
        for number, each in enumerate(curve.bins, start=1)
    )


def _ends(interval: Interval) -> tuple[str, str, str]:
    return plain(interval.value), plain(interval.low), plain(interval.high)
