"""The difference between two methods on the same clips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.analysis.statistics.bootstrap import DRAWS, percentile_ends, resampled, resamples
from merbench.analysis.statistics.per_clip import Result, predictions_by_clip, require_same_clips, unit_counts
from merbench.analysis.statistics.permutation import swap_test
from merbench.analysis.statistics.pooled import mean_of_rest, metric_named

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A score of one method less that of another, the percentile_ends of its 95 % interval, p, and the effect size.

    `low` and `high` are NaN, and `effect` is None, where there are too few subjects or no subject differs.
    """

    difference: float
    low: float
    high: float
    p: float
    effect: float | None
    subjects: int


def paired_difference(
    a_runs: Sequence[Result],
    b_runs: Sequence[Result],
    rule: str = "last",
    metric: str = "",
    draws: int = DRAWS,
    seed: int = 0,
) -> Difference:
    """The mean score of the seeds in `a_runs` less that of `b_runs`, and its uncertainty.

    Both are `Run`s or compact records of one task. The interval is from a bootstrap that samples the same subjects for
    both, p from the permutation test that swaps whole subjects (see `swap_test`), each with all seeds. `effect` is the
    difference over the standard deviation of its jackknife pseudo-values by subject: Cohen's d_z, for a pooled score.
    Subjects are assumed independent, and the trained networks are taken as fixed: p says nothing of
    how the methods would compare when trained again.

    Raises:
        UsageError: for runs of different clips, or an unknown metric or rule.
    """
    clips_a, clips_b = predictions_by_clip(a_runs, rule), predictions_by_clip(b_runs, rule)
    score = metric_named(metric, clips_a.kind)
    require_same_clips("The first method's runs", clips_a, "the second's", clips_b)
    a, b = unit_counts(clips_a), unit_counts(clips_b)
    subjects = a.shape[1]
    low, high = float("nan"), float("nan")
    if subjects > 1:
        times = resamples(subjects, draws, seed)
        low, high = percentile_ends(mean_of_rest(score(resampled(a, times))) - mean_of_rest(score(resampled(b, times))))
    difference = float(score(a.sum(1)).mean() - score(b.sum(1)).mean())
    return Difference(
        difference=difference,
        low=low,
        high=high,
        p=swap_test(a, b, score, draws, seed),
        effect=_effect(a, b, score, difference),
        subjects=subjects,
    )


def _effect(a: Array, b: Array, score: Callable[[Array], Array], difference: float) -> float | None:
    subjects = a.shape[1]
    if subjects < 3:
        return None
    without = [mean_of_rest(np.moveaxis(score(counts.sum(1, keepdims=True) - counts), 1, 0)) for counts in (a, b)]
    pseudo = subjects * difference - (subjects - 1) * (without[0] - without[1])
    deviation = float(np.std(pseudo, ddof=1))
    return difference / deviation if deviation > 1e-12 else None
