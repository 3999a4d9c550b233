"""The prediction of each clip in several records, clips in one order for all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.annotations.clips import subject_of
from merbench.errors import UsageError
from merbench.kind_names import MULTI_NAME, SINGLE_NAME, KindName
from merbench.results.record import RunRecord
from merbench.results.run import Run
from merbench.results.validation import validated
from merbench.task_kinds import kind_named

Result = Run | RunRecord
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipPredictions:
    """The clips of a method's runs: keys, subjects and truth `(clip)`, predictions `(seed clip)`, class names.

    Of a multi-label task, truth is `(clip class)` and predictions `(seed clip class)`, 0 or 1.
    `unit` is `(clip)`: clips of one unit are scored together, and the scores of the units averaged. It is the fold
    where a protocol averages its folds (HDE), and 0 for every clip where counts are pooled.
    """

    keys: tuple[str, ...]
    subjects: tuple[str, ...]
    truth: Labels
    predicted: Labels
    classes: tuple[str, ...]
    unit: Labels
    kind: KindName = SINGLE_NAME

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """Whether all that is predicted of a clip is right, `(seed clip)`."""
        return kind_named(self.kind).correct(self.truth, self.predicted)

    def text(self, label: npt.ArrayLike) -> str:
        """The text of a row of the truth or of the predictions."""
        return kind_named(self.kind).text(label, self.classes)


def as_record(result: Result) -> RunRecord:
    """The compact record of a run; a record unchanged."""
    if isinstance(result, RunRecord):
        return result
    return validated(result.record().named(result.path.name if result.path else result.method))


def predictions_by_clip(results: Sequence[Result], rule: str) -> ClipPredictions:
    """The clips of runs that differ in their seed alone, sorted by key, and the seeds in their order.

    Raises:
        UsageError: if there are no runs, their clips differ, or a rule was not run.
    """
    if not results:
        raise UsageError("No runs were named; name the runs of both methods.")
    records = sorted(map(as_record, results), key=lambda record: (record.seed, record.name))
    predictions = [_one(record, rule) for record in records]
    for record, other in zip(records[1:], predictions[1:], strict=True):
        require_same_clips(records[0].name, predictions[0], record.name, other)
    first = predictions[0]
    return ClipPredictions(
        keys=first.keys,
        subjects=first.subjects,
        truth=first.truth,
        predicted=np.concatenate([one.predicted for one in predictions]),
        classes=first.classes,
        unit=first.unit,
        kind=first.kind,
    )


def require_same_clips(name: str, one: ClipPredictions, other_name: str, other: ClipPredictions) -> None:
    """Refuse predictions of different clips.

    Raises:
        UsageError: naming a clip that one of them lacks, or whose class differs.
    """
    first = dict(zip(one.keys, one.truth.tolist(), strict=True))
    second = dict(zip(other.keys, other.truth.tolist(), strict=True))
    differing = sorted(key for key in {*first, *second} if first.get(key) != second.get(key))
    if differing or one.keys != other.keys or one.classes != other.classes:
        which = (
            f"clip {differing[0]} is not in both, or not of the same class"
            if differing
            else "their classes or folds differ"
        )
        raise UsageError(f"{name} and {other_name} cannot be compared: {which}; compare runs of one task.")


def _one(record: RunRecord, rule: str) -> ClipPredictions:
    if rule not in record.by_rule:
        available = ", ".join(record.by_rule)
        raise UsageError(
            f"rule={rule} was not run for {record.name}, which has {available}; "
            "add it with --select-epoch, or choose another."
        )
    folds = zip(record.keys, record.predictions(rule), strict=True)
    rows = sorted(
        (key, true, predicted, number if record.averaged else 0)
        for number, (keys, (truth, labels)) in enumerate(folds)
        for key, true, predicted in zip(keys, truth.tolist(), labels.tolist(), strict=True)
    )
    return ClipPredictions(
        keys=tuple(row[0] for row in rows),
        subjects=tuple(subject_of(row[0]) for row in rows),
        truth=np.array([row[1] for row in rows], dtype=np.int64),
        predicted=np.array([[row[2] for row in rows]], dtype=np.int64),
        classes=record.classes,
        unit=np.array([row[3] for row in rows], dtype=np.int64),
        kind=record.description.kind,
    )


def unit_counts(clips: ClipPredictions) -> npt.NDArray[np.float64]:
    """Counts `(seed subject unit true predicted)`, subjects by name; whole numbers, as floats for the algebra.

    Of a multi-label task, each class is a unit of two classes, absent and present: scores of the units are averaged.
    """
    names = sorted(set(clips.subjects))
    place = {name: number for number, name in enumerate(names)}
    subject = np.array([place[name] for name in clips.subjects], dtype=np.int64)
    units, classes = int(clips.unit.max(initial=0)) + 1, len(clips.classes)
    unit = clips.unit
    if clips.kind == MULTI_NAME:
        unit = unit[:, None] * classes + np.arange(classes)
        subject = np.broadcast_to(subject[:, None], unit.shape)
        units, classes = units * classes, 2
    shape = (len(names), units, classes, classes)
    cells = [np.ravel_multi_index((subject, unit, clips.truth, row), shape).ravel() for row in clips.predicted]
    counts = [np.bincount(cell, minlength=math.prod(shape)) for cell in cells]
    return np.array(counts, dtype=np.float64).reshape(len(clips.predicted), *shape)


def subject_counts(clips: ClipPredictions) -> npt.NDArray[np.float64]:
    """Counts `(seed subject true predicted)`, pooled over units."""
    pooled: npt.NDArray[np.float64] = unit_counts(clips).sum(2)
    return pooled
