"""How large a difference must be to be detected, and how many subjects or seeds that takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.analysis.statistics.components import Components
from merbench.analysis.statistics.pairs import least_subjects
from merbench.analysis.statistics.student import (
    Estimates,
    moderated_seed_variances,
    satterthwaite,
    seed_freedom,
    subject_variances,
)
from merbench.errors import UsageError

POWER = 0.8
_ALPHA = 0.05
#: Where a search for subjects or seeds stops.
MOST = 100_000

Array = npt.NDArray[np.float64]


def detectable_gap(estimates: Estimates, comparisons: int = 1, power: float = POWER) -> float:
    """The difference that the median of `estimates` would show with probability `power`; NaN if there are none.

    `comparisons` are corrected for by Bonferroni, which is Holm's first step.
    """
    if not len(estimates.value):
        return float("nan")
    return float(np.median(_gap(estimates.error, estimates.df, comparisons, power)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PairVariance:
    """What the variance of the difference of two methods consists of, a subject and a seed.

    `subject` is the variance of one subject's pseudo-value of the difference that all seeds share, `residual` that of
    one subject and one seed (both methods), `seed` the variance from training to training of both. `typical` is the
    mean of `subject` over the pairs of the table, which limits the degrees of freedom; None stands for `subject`.
    `effective` is the share of subjects that as many with equally many clips would be, in 0..1. `trained` says how many
    of the two methods are trained at random, so that their seeds tell of that variance.
    """

    subject: float
    residual: float
    seed: float
    typical: float | None = None
    effective: float = 1.0
    trained: int = 2

    def __post_init__(self) -> None:
        if min(self.subject, self.residual, self.seed) < 0:
            raise UsageError(f"{self}: variances must be at least 0.")

    def gap(self, subjects: int, seeds: int, methods: int = 2, power: float = POWER) -> float:
        """The smallest difference detected with probability `power`, in a table of so many `methods`.

        Each of them has so many subjects and seeds. It is infinite where there are too few subjects for any p to be
        small enough, or a single seed.
        """
        comparisons = methods * (methods - 1) // 2
        if subjects < least_subjects(comparisons):
            return float("inf")
        trained = (self.residual / subjects + self.seed) / seeds
        if trained and seeds < 2:
            return float("inf")
        total = self.subject / subjects + trained
        df = self._freedom(subjects, trained, seeds, methods)
        return float(_gap(np.array([total**0.5]), np.array([df]), comparisons, power)[0])

    def _freedom(self, subjects: int, trained: float, seeds: int, methods: int) -> float:
        """Degrees of freedom as `differences` has them; `trained` is what averaging over seeds leaves."""
        freedom = max(1.0, self.effective * subjects - 1)
        if not self.seed:
            return freedom
        shared = np.array([self.subject, self.subject if self.typical is None else self.typical]) / subjects
        doubt = trained**2 / seed_freedom(seeds, max(self.trained, 1), methods)
        return float(satterthwaite(shared, freedom, np.array(trained), np.array(doubt)).min())


def pair_variances(parts: Components, pairs: Sequence[tuple[int, int]]) -> list[PairVariance]:
    """The variances of the differences of these pairs by position, moderated as in the tests of a table of them.

    A method that is deterministic has no variance over seeds; of one with a single seed it is unknown, and taken as 0.
    """
    places = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    _, shared = subject_variances(parts, places[:, 0], places[:, 1])
    residual = parts.residual[places].sum(1)
    seed = np.maximum(moderated_seed_variances(parts)[places].sum(1) - residual, 0.0)
    random = (parts.seeds[places] > 1).any(1)
    typical = np.where(random, shared[random].mean() if random.any() else 0.0, shared)
    return [
        PairVariance(
            subject=float(shared[number]) * parts.subjects,
            residual=float(residual[number]) * parts.subjects,
            seed=float(seed[number]),
            typical=float(typical[number]) * parts.subjects,
            effective=min(1.0, parts.effective_subjects / parts.subjects),
            trained=int((parts.seeds[list(pair)] > 0).sum()),
        )
        for number, pair in enumerate(pairs)
    ]


def subjects_needed(
    variance: PairVariance, gap: float, seeds: int, methods: int = 2, power: float = POWER
) -> int | None:
    """The least number of subjects that detects `gap` with probability `power`; None if no number suffices."""
    return _least(lambda subjects: variance.gap(subjects, seeds, methods, power) <= gap, 2)


def seeds_needed(
    variance: PairVariance, gap: float, subjects: int, methods: int = 2, power: float = POWER
) -> int | None:
    """The least number of seeds of each method that detects `gap` with probability `power`; None if none suffices.

    Of two deterministic methods it is 1, or None.
    """
    return _least(lambda seeds: variance.gap(subjects, seeds, methods, power) <= gap, 1)


def _gap(error: Array, df: Array, comparisons: int, power: float) -> Array:
    from scipy.special import stdtrit

    gap: Array = (stdtrit(df, 1 - _ALPHA / 2 / comparisons) + stdtrit(df, power)) * error
    return gap


def _least(enough: Callable[[int], bool], start: int) -> int | None:
    if not enough(MOST):
        return None
    low, high = start - 1, MOST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
