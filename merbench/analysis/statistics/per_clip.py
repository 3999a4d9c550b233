"""What records say of each clip, clips in one order for all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.annotations.clips import subject_of
from merbench.errors import UsageError
from merbench.results.record import Record, checked
from merbench.results.run import Run

Result = Run | Record
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The clips of a method's runs: keys, subjects and truth `(clip)`, predictions `(seed clip)`, class names.

    `unit` is `(clip)`: clips of one unit are scored together, and the units' scores averaged. It is the fold where a
    protocol averages its folds (HDE), and 0 for all where counts are pooled.
    """

    keys: tuple[str, ...]
    subjects: tuple[str, ...]
    truth: Labels
    predicted: Labels
    classes: tuple[str, ...]
    unit: Labels


def as_record(result: Result) -> Record:
    """The compact record of a run; a record as it is."""
    if isinstance(result, Record):
        return result
    return checked(result.path.name if result.path else result.method, result.record())


def judged(results: Sequence[Result], rule: str) -> Judged:
    """The clips of runs that differ in their seed alone, sorted by key, and the seeds in their order.

    Raises:
        UsageError: if there are no runs, they are not of the same clips, or a rule was not run.
    """
    if not results:
        raise UsageError("No runs were named; name the runs of both methods.")
    records = sorted(map(as_record, results), key=lambda record: (_seed(record), record.name))
    found = [_one(record, rule) for record in records]
    for record, other in zip(records[1:], found[1:], strict=True):
        require_same_clips(records[0].name, found[0], record.name, other)
    first = found[0]
    return Judged(
        keys=first.keys,
        subjects=first.subjects,
        truth=first.truth,
        predicted=np.concatenate([one.predicted for one in found]),
        classes=first.classes,
        unit=first.unit,
    )


def require_same_clips(name: str, one: Judged, other_name: str, other: Judged) -> None:
    """Refuse to compare predictions of different clips.

    Raises:
        UsageError: naming a clip that one of them lacks, or whose class differs.
    """
    ours = dict(zip(one.keys, one.truth.tolist(), strict=True))
    theirs = dict(zip(other.keys, other.truth.tolist(), strict=True))
    odd = sorted(key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key))
    if odd or one.keys != other.keys or one.classes != other.classes:
        which = f"clip {odd[0]} is not in both, or not of the same class" if odd else "their classes or folds differ"
        raise UsageError(f"{name} and {other_name} cannot be compared: {which}; compare runs of one task.")


def _seed(record: Record) -> int:
    return int(record.content["description"].get("seed") or 0)


def _one(record: Record, rule: str) -> Judged:
    content = record.content
    if rule not in content["by_rule"]:
        there = ", ".join(content["by_rule"])
        raise UsageError(
            f"rule={rule} was not run for {record.name}, which has {there}; add it with --rules, or choose another."
        )
    averaged = bool(content.get("averaged", False))
    folds = zip(content["keys"], content["truth"], content["by_rule"][rule]["probabilities"], strict=True)
    rows = sorted(
        (key, true, int(np.asarray(clip, dtype=np.float32).argmax()), number if averaged else 0)
        for number, (keys, truth, fold) in enumerate(folds)
        for key, true, clip in zip(keys, truth, fold, strict=True)
    )
    return Judged(
        keys=tuple(row[0] for row in rows),
        subjects=tuple(subject_of(row[0]) for row in rows),
        truth=np.array([row[1] for row in rows], dtype=np.int64),
        predicted=np.array([[row[2] for row in rows]], dtype=np.int64),
        classes=tuple(content["description"]["classes"]),
        unit=np.array([row[3] for row in rows], dtype=np.int64),
    )


def unit_counts(clips: Judged) -> npt.NDArray[np.float64]:
    """Counts `(seed subject unit true predicted)`, subjects by name; whole numbers, as floats for the algebra."""
    names = sorted(set(clips.subjects))
    place = {name: number for number, name in enumerate(names)}
    subject = np.array([place[name] for name in clips.subjects], dtype=np.int64)
    shape = (len(names), int(clips.unit.max(initial=0)) + 1, len(clips.classes), len(clips.classes))
    cells = [np.ravel_multi_index((subject, clips.unit, clips.truth, row), shape) for row in clips.predicted]
    found = [np.bincount(cell, minlength=math.prod(shape)) for cell in cells]
    return np.array(found, dtype=np.float64).reshape(len(clips.predicted), *shape)


def subject_counts(clips: Judged) -> npt.NDArray[np.float64]:
    """Counts `(seed subject true predicted)`, pooled over units."""
    pooled: npt.NDArray[np.float64] = unit_counts(clips).sum(2)
    return pooled
