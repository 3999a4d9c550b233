"""Intervals, comparisons of all pairs, letters and ranks for the methods of one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from merbench.analysis.statistics.bootstrap import LEVEL
from merbench.analysis.statistics.components import components
from merbench.analysis.statistics.letters import compact_letters, tiers
from merbench.analysis.statistics.pairs import PairInference, compared_pairs, impossible, not_compared
from merbench.analysis.statistics.per_clip import Result, predictions_by_clip, require_same_clips, unit_counts
from merbench.analysis.statistics.pooled import metric_named
from merbench.analysis.statistics.power import detectable_gap
from merbench.analysis.statistics.student import scores as score_estimates
from merbench.errors import UsageError
from merbench.kind_names import SINGLE_NAME, KindName

#: Below this a method whose training is random is not ranked: two seeds say next to nothing of their variance.
LEAST_SEEDS = 3
#: What intervals, ranks and letters mean, as every page says it.
INTERVAL = (
    "a t interval over subjects and seeds, both taken as random; that of a single seed leaves out the variation over "
    "seeds."
)
RANK = (
    "1 + the number of methods that are significantly better than this one and than every ranked method below it, by "
    "a t test over subjects and seeds, both taken as random (p ≤ 0.05 after Holm's correction over all pairs of the "
    "table). A method whose training is random is ranked from three seeds on."
)
LETTERS = "ranked methods that share a letter cannot be told apart; those that share none differ significantly."

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRuns:
    """A method's counts `(seed subject unit true predicted)`; subjects and units in one order for all methods.

    `deterministic` says that another seed would give the same predictions. `unranked` says why the method must not be
    ranked, whatever its seeds; empty where it may be.
    """

    name: str
    counts: Array
    deterministic: bool = False
    unranked: str = ""
    kind: KindName = SINGLE_NAME

    @property
    def missing(self) -> str:
        """What it lacks to be ranked; empty where nothing is missing."""
        lacking = 0 if self.deterministic else LEAST_SEEDS - len(self.counts)
        return f"{lacking} more seed{'s' if lacking > 1 else ''} to be ranked" if lacking > 0 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodInference:
    """A method's mean score with its 95 % interval, and its place in the table.

    `low` and `high` are NaN with fewer than two subjects. With one seed of a method whose training is random they
    leave out the variation over seeds, as `missing` says. `rank` is None and `letters` empty where it is not ranked,
    or nothing can be separated.
    """

    name: str
    value: float
    low: float
    high: float
    rank: int | None
    letters: str
    missing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableInference:
    """The methods in the order given, every pair of them, and what the table could have shown.

    `gap` is the smallest difference that a single comparison would find with a probability of 80 %, `gap_corrected`
    the same after the correction, both for the median pair; NaN without pairs, and under `limits`, which says what
    cannot be separated by design, for printing before the table, and is empty where nothing prevents it.
    """

    methods: tuple[MethodInference, ...]
    pairs: tuple[PairInference, ...]
    subjects: int
    gap: float
    gap_corrected: float
    limits: str


def method_runs(
    name: str, results: Sequence[Result], rule: str = "last", *, deterministic: bool = False, unranked: str = ""
) -> MethodRuns:
    """The counts of a method's runs, which differ in their seed alone.

    Raises:
        UsageError: if there are none, their clips differ, or the rule was not run.
    """
    clips = predictions_by_clip(results, rule)
    return MethodRuns(
        name=name, counts=unit_counts(clips), deterministic=deterministic, unranked=unranked, kind=clips.kind
    )


def require_one_task(named: Sequence[tuple[str, Sequence[Result]]], rule: str = "last") -> None:
    """Refuse methods that were not tested on the same clips.

    Raises:
        UsageError: naming the two and a clip that differs.
    """
    clips = [(name, predictions_by_clip(results, rule)) for name, results in named]
    for name, predictions in clips[1:]:
        require_same_clips(clips[0][0], clips[0][1], name, predictions)


def table_inference(methods: Sequence[MethodRuns], metric: str = "", level: float = LEVEL) -> TableInference:
    """Intervals, corrected comparisons, letters and ranks of methods tested on the same clips.

    Subjects and seeds are both taken as random samples, so claims are about other subjects of the same population and
    about training anew. Variances come from the jackknife by subject and from the spread over seeds (`components`),
    intervals and p from t distributions with Satterthwaite's degrees of freedom. No p is below 2 / 2**subjects, the
    least that swapping whole subjects could give.

    Raises:
        UsageError: for no methods, an unknown metric, or counts of different subjects or classes.
    """
    if not methods:
        raise UsageError("No methods were named; name the runs of at least one.")
    require_one_shape(methods)
    subjects = methods[0].counts.shape[1]
    score = metric_named(metric, methods[0].kind)
    if subjects < 2:
        return _without_intervals([float(score(method.counts.sum(1)).mean()) for method in methods], methods)
    parts = components([m.counts for m in methods], [m.deterministic for m in methods], score)
    ranked = [place for place, method in enumerate(methods) if not method.missing and not method.unranked]
    compared, estimates = compared_pairs(
        [method.name for method in methods],
        parts,
        list(combinations(range(len(methods)), 2)),
        set(combinations(ranked, 2)),
        level,
    )
    limit = limits(subjects, len(ranked))
    letters, ranks = ({}, {}) if limit else _places(parts.values, ranked, methods, compared)
    single = score_estimates(parts)
    half = single.half_width(level)
    return TableInference(
        methods=tuple(
            MethodInference(
                name=method.name,
                value=float(parts.values[place]),
                low=max(0.0, float(parts.values[place] - half[place])),
                high=min(1.0, float(parts.values[place] + half[place])),
                rank=ranks.get(place),
                letters=letters.get(place, ""),
                missing=method.missing,
            )
            for place, method in enumerate(methods)
        ),
        pairs=compared,
        subjects=subjects,
        gap=float("nan") if limit else detectable_gap(estimates),
        gap_corrected=float("nan") if limit else detectable_gap(estimates, comparisons=max(1, len(estimates.value))),
        limits=limit,
    )


def limits(subjects: int, ranked: int) -> str:
    """Why no two of so many ranked methods can be separated with so many subjects; empty where they can.

    >>> limits(26, 20), limits(9, 20)[:26]
    ('', 'With 9 subjects no p is be')
    """
    reason = impossible(subjects, ranked * (ranked - 1) // 2)
    return f"{reason}: no method is ranked." if reason else ""


def require_one_shape(methods: Sequence[MethodRuns]) -> None:
    """Refuse counts of different subjects or classes.

    Raises:
        UsageError: naming the shapes.
    """
    shapes = {method.counts.shape[1:] for method in methods}
    if len(shapes) > 1:
        raise UsageError(f"Counts {sorted(shapes)} cannot share a table: subjects and classes must agree.")


def _places(
    values: Array, ranked: Sequence[int], methods: Sequence[MethodRuns], pairs: Sequence[PairInference]
) -> tuple[dict[int, str], dict[int, int]]:
    """Letters and ranks of the ranked methods, by their place in the table."""
    order = sorted(ranked, key=lambda place: (-values[place], methods[place].name))
    position = {place: number for number, place in enumerate(order)}
    every = combinations(range(len(methods)), 2)
    better = {
        (min(position[a], position[b]), max(position[a], position[b]))
        for (a, b), pair in zip(every, pairs, strict=True)
        if pair.significant
    }
    letters, ranks = compact_letters(len(order), better), tiers(len(order), better)
    return dict(zip(order, letters, strict=True)), dict(zip(order, ranks, strict=True))


def _without_intervals(values: Sequence[float], methods: Sequence[MethodRuns]) -> TableInference:
    nan = float("nan")
    rows = [
        MethodInference(
            name=method.name, value=value, low=nan, high=nan, rank=None, letters="", missing="a second subject"
        )
        for method, value in zip(methods, values, strict=True)
    ]
    return TableInference(
        methods=tuple(rows),
        pairs=not_compared([method.name for method in methods], values, list(combinations(range(len(methods)), 2))),
        subjects=methods[0].counts.shape[1],
        gap=nan,
        gap_corrected=nan,
        limits="One subject gives no interval and no comparison; test on more.",
    )
