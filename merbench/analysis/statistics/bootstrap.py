"""The bootstrap over subjects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.analysis.statistics.per_clip import Result, judged, unit_counts
from merbench.analysis.statistics.pooled import metric_named, over_the_rest

#: A choice: with 2000 draws the ends of an interval move by about 2 % of its length from one seed to another.
DRAWS = 2000
#: As is usual in the field.
LEVEL = 0.95

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A score, and the ends of its 95 % interval; NaN for both where there are fewer than two subjects."""

    value: float
    low: float
    high: float


def interval(
    results: Sequence[Result], rule: str = "last", metric: str = "uf1", draws: int = DRAWS, seed: int = 0
) -> Interval:
    """The mean score of a method's seeds with its percentile interval from a bootstrap over subjects.

    Whole subjects are drawn with replacement, as many as there are, with all their clips and all seeds; counts are
    pooled within a draw, or within each of its folds where the protocol averages those. It says how the score would
    move with other subjects of the same kind. It assumes that subjects are independent, and is too narrow with few of
    them (26 in CASME II; below 10 take it as a lower bound). Seeds are averaged, not drawn: their
    spread is given apart.

    Raises:
        UsageError: for a metric or rule that is not there, or runs of different clips.
    """
    counts = unit_counts(judged(results, rule))
    score = metric_named(metric)
    value = float(score(counts.sum(1)).mean())
    subjects = counts.shape[1]
    if subjects < 2:
        return Interval(value=value, low=float("nan"), high=float("nan"))
    drawn = over_the_rest(score(resampled(counts, resamples(subjects, draws, seed))))
    low, high = ends(drawn)
    return Interval(value=value, low=low, high=high)


def resamples(subjects: int, draws: int, seed: int) -> Array:
    """How often each subject is in each draw, `(draw subject)`."""
    chosen = np.random.default_rng(seed).integers(0, subjects, (draws, subjects))
    times = [np.bincount(draw, minlength=subjects) for draw in chosen]
    return np.array(times, dtype=np.float64)


def resampled(counts: Array, times: Array) -> Array:
    """Pooled counts `(draw seed ... true predicted)` of counts `(seed subject ... true predicted)`, drawn `times`."""
    pooled: Array = np.einsum("ds,ks...->dk...", times, counts, optimize=True)
    return pooled


def ends(drawn: Array) -> tuple[float, float]:
    """The percentiles of draws between which `LEVEL` of them lie."""
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
