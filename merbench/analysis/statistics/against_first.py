"""Several methods against one: what each differs from the first by, corrected over these comparisons alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from merbench.analysis.statistics.bootstrap import LEVEL
from merbench.analysis.statistics.components import components
from merbench.analysis.statistics.pairs import PairInference, compared_pairs, impossible, not_compared
from merbench.analysis.statistics.pooled import metric_named
from merbench.analysis.statistics.power import detectable_gap
from merbench.analysis.statistics.table_inference import MethodRuns, require_one_shape
from merbench.errors import UsageError

#: What the columns of such a table mean, as every page says it.
SIMULTANEOUS = (
    "t intervals over subjects and seeds, both taken as random, at the level 1 - 0.05 / comparisons: with 95 %, all of "
    "them hold at once."
)
CORRECTED = (
    "of the t test over subjects and seeds, after Holm's correction over all comparisons to the first row. The "
    "interval is the stricter of the two: it can contain 0 where p is below 0.05."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstInference:
    """Every other method less the first, in the order given.

    The intervals hold simultaneously (level 1 - 0.05 / comparisons). `p_corrected` is None where one of the two lacks
    seeds; `missing` says what each method lacks, by name, and has no key for one that lacks nothing. `gap` is the
    smallest difference found in 80 % of cases after the correction, for the median comparison; NaN if there is none.
    `limits` says why no comparison can be significant, and there is then no gap; it is empty where one can.
    """

    pairs: tuple[PairInference, ...]
    missing: dict[str, str]
    subjects: int
    gap: float
    limits: str


def against_first(methods: Sequence[MethodRuns], metric: str = "") -> FirstInference:
    """Each of the other methods less the first, by the t test of `table_inference`, Holm over these alone.

    Raises:
        UsageError: for fewer than two methods, an unknown metric, or counts of different subjects or classes.
    """
    if len(methods) < 2:
        raise UsageError("One method has nothing to be compared to; name a second one.")
    require_one_shape(methods)
    score, subjects = metric_named(metric, methods[0].kind), methods[0].counts.shape[1]
    names = [method.name for method in methods]
    pairs = [(place, 0) for place in range(1, len(methods))]
    missing = {method.name: method.missing for method in methods if method.missing}
    if subjects < 2:
        values = [float(score(method.counts.sum(1)).mean()) for method in methods]
        return FirstInference(
            pairs=not_compared(names, values, pairs),
            missing=missing,
            subjects=subjects,
            gap=float("nan"),
            limits="One subject gives no interval and no comparison; test on more.",
        )
    parts = components([m.counts for m in methods], [m.deterministic for m in methods], score)
    family = [pair for pair in pairs if not methods[pair[0]].missing and not methods[0].missing]
    compared, estimates = compared_pairs(names, parts, pairs, family, 1 - (1 - LEVEL) / len(pairs))
    reason = impossible(subjects, len(family))
    return FirstInference(
        pairs=compared,
        missing=missing,
        subjects=subjects,
        gap=float("nan") if reason else detectable_gap(estimates, comparisons=max(1, len(family))),
        limits=f"{reason}: no difference can be significant." if reason else "",
    )
