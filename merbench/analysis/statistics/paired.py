"""The difference between two methods on the same clips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.analysis.statistics.bootstrap import DRAWS, ends, resampled, resamples
from merbench.analysis.statistics.per_clip import Result, judged, require_same_clips, unit_counts
from merbench.analysis.statistics.permutation import swap_test
from merbench.analysis.statistics.pooled import metric_named, over_the_rest

#: The level below which a difference is called one; as is usual in the field.
ALPHA = 0.05

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A score of one method less that of another, the ends of its 95 % interval, p, and the effect size.

    `low` and `high` are NaN, and `effect` is None, where there are too few subjects or none differs.
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
    metric: str = "uf1",
    draws: int = DRAWS,
    seed: int = 0,
) -> Difference:
    """The mean score of the seeds in `a_runs` less that of `b_runs`, and how sure it is.

    Both are `Run`s or compact records of one task. The interval is from a bootstrap that draws the same subjects for
    both, p from the test that swaps whole subjects (see `swap_test`), each with all seeds. `effect` is the difference
    over the standard deviation of its jackknife pseudo-values by subject: Cohen's d_z, for a pooled score. All of it
    takes subjects for independent, and speaks of subjects like these; with about 26 only large differences show.

    Raises:
        UsageError: for runs of different clips, or a metric or rule that is not there.
    """
    score = metric_named(metric)
    clips_a, clips_b = judged(a_runs, rule), judged(b_runs, rule)
    require_same_clips("The first method's runs", clips_a, "the second's", clips_b)
    a, b = unit_counts(clips_a), unit_counts(clips_b)
    subjects = a.shape[1]
    low, high = float("nan"), float("nan")
    if subjects > 1:
        times = resamples(subjects, draws, seed)
        low, high = ends(over_the_rest(score(resampled(a, times))) - over_the_rest(score(resampled(b, times))))
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
    left = [over_the_rest(np.moveaxis(score(counts.sum(1, keepdims=True) - counts), 1, 0)) for counts in (a, b)]
    pseudo = subjects * difference - (subjects - 1) * (left[0] - left[1])
    deviation = float(np.std(pseudo, ddof=1))
    return difference / deviation if deviation > 1e-12 else None
