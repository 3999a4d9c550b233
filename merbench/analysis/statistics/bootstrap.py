"""The bootstrap over subjects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.analysis.statistics.per_clip import Result, predictions_by_clip, unit_counts
from merbench.analysis.statistics.pooled import mean_of_rest, metric_named

#: Chosen here: with 2000 draws the ends of an interval move by about 2 % of its length from one seed to another.
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
    results: Sequence[Result], rule: str = "last", metric: str = "", draws: int = DRAWS, seed: int = 0
) -> Interval:
    """The mean score of a method's seeds with its percentile interval from a bootstrap over subjects.

    Whole subjects are sampled with replacement, as many as there are, with all their clips and all seeds; counts are
    pooled within a sample, or within each of its folds where the protocol averages folds. The interval shows how the
    score varies over other subjects of the same population. It assumes independent subjects, and is too narrow with
    few of them (26 in CASME II; below 10 treat it as a lower bound). Seeds are averaged, not resampled: their spread
    is reported separately.

    Raises:
        UsageError: for an unknown metric or rule, or runs of different clips.
    """
    clips = predictions_by_clip(results, rule)
    counts, score = unit_counts(clips), metric_named(metric, clips.kind)
    value = float(score(counts.sum(1)).mean())
    subjects = counts.shape[1]
    if subjects < 2:
        return Interval(value=value, low=float("nan"), high=float("nan"))
    sampled = mean_of_rest(score(resampled(counts, resamples(subjects, draws, seed))))
    low, high = percentile_ends(sampled)
    return Interval(value=value, low=low, high=high)


def resamples(subjects: int, draws: int, seed: int) -> Array:
    """How often each subject occurs in each bootstrap sample, `(draw subject)`."""
    sampled = np.random.default_rng(seed).integers(0, subjects, (draws, subjects))
    times = [np.bincount(draw, minlength=subjects) for draw in sampled]
    return np.array(times, dtype=np.float64)


def resampled(counts: Array, times: Array) -> Array:
    """Counts `(draw seed ... true predicted)`, the subjects of `(seed subject ... true predicted)` taken `times`."""
    pooled: Array = np.einsum("ds,ks...->dk...", times, counts, optimize=True)
    return pooled


def percentile_ends(sampled: Array) -> tuple[float, float]:
    """The two percentiles that enclose the share `LEVEL` of the sampled values."""
    low, high = np.quantile(sampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
