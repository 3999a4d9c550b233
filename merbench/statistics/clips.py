"""What records say of each clip, clips in one order for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.board.records import Record, checked
from merbench.clips import subject_of
from merbench.errors import UsageError
from merbench.record import Run

Result = Run | Record
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The clips of a method's runs: keys, subjects and truth `(clip)`, predictions `(seed clip)`, class names."""

    keys: tuple[str, ...]
    subjects: tuple[str, ...]
    truth: Labels
    predicted: Labels
    classes: tuple[str, ...]


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
    rows = sorted(
        (key, true, int(np.asarray(clip, dtype=np.float32).argmax()))
        for keys, truth, fold in zip(
            content["keys"], content["truth"], content["by_rule"][rule]["probabilities"], strict=True
        )
        for key, true, clip in zip(keys, truth, fold, strict=True)
    )
    return Judged(
        keys=tuple(key for key, _, _ in rows),
        subjects=tuple(subject_of(key) for key, _, _ in rows),
        truth=np.array([true for _, true, _ in rows], dtype=np.int64),
        predicted=np.array([[predicted for _, _, predicted in rows]], dtype=np.int64),
        classes=tuple(content["description"]["classes"]),
    )


def subject_counts(clips: Judged) -> npt.NDArray[np.float64]:
    """Counts `(seed subject true predicted)`, subjects sorted by name; whole numbers, as floats for the algebra."""
    names = sorted(set(clips.subjects))
    place = {name: number for number, name in enumerate(names)}
    subject = np.array([place[name] for name in clips.subjects], dtype=np.int64)
    size, seeds = len(clips.classes), len(clips.predicted)
    cell = (subject * size + clips.truth) * size + clips.predicted
    found = [np.bincount(row, minlength=len(names) * size * size) for row in cell]
    return np.array(found, dtype=np.float64).reshape(seeds, len(names), size, size)
