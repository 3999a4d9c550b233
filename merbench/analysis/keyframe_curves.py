"""Scores of methods over key-frame noise, of runs that differ in nothing but how far onset and apex are shifted."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from merbench.analysis.group_inference import inference_of
from merbench.analysis.statistics import Interval
from merbench.analysis.table import Table
from merbench.data.keyframe_noise import reach
from merbench.results.labels import distinct_labels
from merbench.results.model import Plain
from merbench.results.provenance import digest
from merbench.results.record import RunRecord
from merbench.results.seed_groups import Group

AS_ANNOTATED = "as annotated"
#: What of a description says how key frames were shifted, and what follows from it.
_NOISE = ("keyframe_noise", "keyframe_noise_side", "keyframe_noise_seed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The score of a method under one noise, with its interval, and how many seeds it is the mean of."""

    score: Interval
    seeds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Methods of one task by name, and of each its points by the noise: 0 as annotated, else the most of the shift.

    `identities` are those of the runs behind each method's points.
    """

    heading: str
    score: str
    rows: Mapping[str, Mapping[float, Point]]
    identities: Mapping[str, frozenset[str]]

    @property
    def noises(self) -> list[float]:
        """All values of the noise: as annotated, then shares of the rise, then frames."""
        return sorted({noise for points in self.rows.values() for noise in points})


_NOTE = (
    "Onset and apex are shifted at random by as much at most. 95 % intervals of each score over subjects and seeds, "
    "not of differences: merbench sensitivity compares them clip by clip."
)

#: The records of a method by the noise.
_Curve = Mapping[float, Sequence[RunRecord]]


def keyframe_curves(records: Sequence[RunRecord]) -> list[Curves]:
    """The curves of records in which a method has several values of the noise; none where there are no such.

    A curve holds records that differ in noise and seed alone: side and seed of the noise are the same. Methods share
    a table where protocol, data, class set and alignment are the same, and clips are labelled the same under each noise
    that they share.
    """
    tables: list[tuple[str, list[_Curve]]] = []
    for task, curve in _curves(records):
        same = next((curves for known, curves in tables if known == task and _agree([*curves, curve])), None)
        if same is None:
            tables.append((task, [curve]))
        else:
            same.append(curve)
    return [_shown(curves) for _, curves in tables]


def curve_table(curves: Curves) -> Table:
    """A row for each method and a column for each noise: the score and its 95 % interval."""
    return Table(
        title=f"{curves.score} over key-frame noise, under last. {curves.heading}",
        columns=("method", *map(noise_in_words, curves.noises), "seeds"),
        rows=tuple(
            (name, *(_cell(points.get(noise)) for noise in curves.noises), _seeds(points.values()))
            for name, points in curves.rows.items()
        ),
        notes=(_NOTE,),
    )


def noise_in_words(noise: float) -> str:
    """The value of the noise as tables name it.

    >>> noise_in_words(0), noise_in_words(4)
    ('as annotated', 'up to 4 frames')
    """
    return reach(noise) if noise else AS_ANNOTATED


def _curves(records: Sequence[RunRecord]) -> list[tuple[str, _Curve]]:
    """The curves with several values of the noise, each with what its table is about."""
    annotated = defaultdict[str, list[RunRecord]](list)
    shifted = defaultdict[tuple[str, str], dict[float, list[RunRecord]]](dict)
    for record in sorted(records, key=lambda record: (record.method, record.seed, record.name)):
        perturbed = record.description.perturbed or {}
        if noise := perturbed.get(_NOISE[0]):
            way = digest([perturbed.get(name) for name in _NOISE[1:]])
            shifted[_rest(record), way].setdefault(float(str(noise)), []).append(record)
        else:
            annotated[_rest(record)].append(record)
    whole = [
        (way, {**({0.0: annotated[rest]} if rest in annotated else {}), **curve})
        for (rest, way), curve in shifted.items()
    ]
    return [(digest([way, _task(next(iter(curve.values()))[0])]), curve) for way, curve in whole if len(curve) > 1]


def _others(record: RunRecord) -> dict[str, Plain]:
    """What else of the clips was changed on purpose."""
    return {name: value for name, value in (record.description.perturbed or {}).items() if name not in _NOISE}


def _rest(record: RunRecord) -> str:
    """The digest of all that defines a result but noise and seed."""
    own = record.description.as_dict()
    return digest({**own, "seed": 0, "labels": "", "perturbed": _others(record)})


def _task(record: RunRecord) -> list[object]:
    """What is measured, but for the noise."""
    own, task = record.description, record.task
    measured = (task.protocol, task.data, task.scheme, task.alignment, own.apex_policy, own.left_out)
    return [*measured, _others(record), sorted(record.counts.items())]


def _agree(curves: Sequence[_Curve]) -> bool:
    """Whether clips are labelled the same under each noise, and seen by records of one form, in all curves."""
    labels = defaultdict[float, set[str]](set)
    for curve in curves:
        for noise, same in curve.items():
            labels[noise] |= {record.description.labels for record in same}
    return all(len(fingerprints) == 1 for fingerprints in labels.values())


def _shown(curves: Sequence[_Curve]) -> Curves:
    firsts = [next(iter(curve.values()))[0] for curve in curves]
    names = distinct_labels([_without_noise(record) for record in firsts], [None] * len(firsts))
    by_name = sorted(zip(names, curves, strict=True), key=lambda pair: pair[0])
    task, shifted = firsts[0].task, next(same[0] for noise, same in curves[0].items() if noise)
    return Curves(
        heading=f"{task.protocol} on {task.data}, {task.scheme}{_way(shifted)}",
        score=firsts[0].kind.headline_shown,
        rows={name: _points(name, curve) for name, curve in by_name},
        identities={
            name: frozenset(record.identity for same in curve.values() for record in same) for name, curve in by_name
        },
    )


def _without_noise(record: RunRecord) -> RunRecord:
    """The record as it is named without noise; nothing else of it is meant to be read."""
    return record.model_copy(update={"description": record.description.updated(perturbed=_others(record) or None)})


def _way(record: RunRecord) -> str:
    """Where, and by which draw, key frames are shifted, if not as usual."""
    perturbed = record.description.perturbed or {}
    side, seed = (perturbed.get(name) for name in _NOISE[1:])
    return f"{f', shifted in {side}ing alone' if side else ''}{f', seed {seed} of the noise' if seed else ''}"


def _points(name: str, curve: _Curve) -> dict[float, Point]:
    points = {}
    for noise, same in sorted(curve.items()):
        [own] = inference_of([Group(name=name, records=tuple(same))]).methods
        points[noise] = Point(score=Interval(value=own.value, low=own.low, high=own.high), seeds=len(same))
    return points


def _cell(point: Point | None) -> str:
    if point is None:
        return "–"
    score = point.score
    ends = "" if math.isnan(score.low) else f" ({score.low:.3f} to {score.high:.3f})"
    return f"{score.value:.3f}{ends}"


def _seeds(points: Iterable[Point]) -> str:
    counts = sorted({point.seeds for point in points})
    return str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
