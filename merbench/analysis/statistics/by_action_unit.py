"""The share of clips predicted correctly, by action unit and by combination of action units."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from merbench.analysis.statistics.bootstrap import LEVEL, Interval
from merbench.analysis.statistics.by_class import t_interval
from merbench.analysis.statistics.per_clip import ClipPredictions, unit_counts
from merbench.analysis.statistics.pooled import accuracy
from merbench.analysis.statistics.table_inference import MethodRuns

#: The action units of each clip by its key, as numbers, sides dropped; none where they are not coded.
Coded = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRecall:
    """An action unit (``4``) or a combination (``4+7``): its clips, their subjects, and the share that is right."""

    name: str
    clips: int
    subjects: int
    recall: Interval


def recall_by_unit(
    clips: ClipPredictions, coded: Coded, *, deterministic: bool = False, level: float = LEVEL
) -> tuple[UnitRecall, ...]:
    """The share of the clips with each action unit whose class is right, by number; the mean over seeds.

    Intervals are those of `class_scores`, over subjects and seeds. A clip counts for every unit that it has.
    """
    numbers = sorted({unit for key in clips.keys for unit in coded.get(key, ())})
    return tuple(
        _recall(str(unit), clips, [unit in coded.get(key, ()) for key in clips.keys], deterministic, level)
        for unit in numbers
    )


def recall_by_combination(
    clips: ClipPredictions, coded: Coded, *, deterministic: bool = False, level: float = LEVEL
) -> tuple[UnitRecall, ...]:
    """The same for the clips with exactly the same action units, the most frequent combination first."""
    sets = {key: tuple(sorted(set(coded.get(key, ())))) for key in clips.keys}
    times: dict[tuple[int, ...], int] = {}
    for units in sets.values():
        if units:
            times[units] = times.get(units, 0) + 1
    ordered = sorted(times, key=lambda units: (-times[units], units))
    return tuple(
        _recall("+".join(map(str, units)), clips, [sets[key] == units for key in clips.keys], deterministic, level)
        for units in ordered
    )


def _recall(name: str, clips: ClipPredictions, chosen: Sequence[bool], deterministic: bool, level: float) -> UnitRecall:
    places = np.flatnonzero(chosen)
    some = dataclasses.replace(
        clips,
        keys=_at(clips.keys, places.tolist()),
        subjects=_at(clips.subjects, places.tolist()),
        truth=clips.truth[places],
        predicted=clips.predicted[:, places],
        unit=np.zeros(len(places), dtype=np.int64),
    )
    runs = MethodRuns(name=name, counts=unit_counts(some), deterministic=deterministic)
    return UnitRecall(
        name=name,
        clips=len(places),
        subjects=len(set(some.subjects)),
        recall=t_interval(runs, accuracy, level),
    )


def _at(values: Sequence[str], places: Sequence[int]) -> tuple[str, ...]:
    return tuple(values[place] for place in places)
