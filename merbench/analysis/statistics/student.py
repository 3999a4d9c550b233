"""Standard errors with degrees of freedom, for the score of one method and the difference of two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.analysis.statistics.components import Components

#: How many degrees of freedom the mean seed variance of a table adds to each method's own when methods are compared.
#: Chosen here, by simulation (docs/statistics.md): with 0 tables of 20 methods of 3 seeds lose half of their power.
PRIOR_DF = 4.0
_TINY = 1e-24

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """Estimates, their standard errors and degrees of freedom, one an entry."""

    value: Array
    error: Array
    df: Array

    def half_width(self, level: float) -> Array:
        """Half the width of t intervals."""
        from scipy.special import stdtrit

        width: Array = stdtrit(self.df, (1 + level) / 2) * self.error
        return width

    def p(self) -> Array:
        """Two-sided p of each estimate against 0; 1 where it and its error are 0."""
        from scipy.special import stdtr

        ratio = np.divide(abs(self.value), self.error, out=np.zeros_like(self.value), where=self.error > 0)
        ratio = np.where((self.error == 0) & (self.value != 0), np.inf, ratio)
        p: Array = 2 * stdtr(self.df, -ratio)
        return p


def scores(parts: Components) -> Estimates:
    """The mean score of each method; its variance over seeds is estimated from its own seeds alone."""
    repeats = np.maximum(parts.seeds, 1)
    seed, fixed = parts.seed / repeats, np.diag(parts.subject)
    shared = np.maximum(fixed - parts.residual / repeats, 0.0)
    error, df = _combined(fixed, shared, (shared,), _subject_df(parts), seed, seed**2 / np.maximum(parts.seeds - 1, 1))
    return Estimates(value=parts.values, error=error, df=df)


def differences(parts: Components, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> Estimates:
    """The mean score of each method in `first` less that of the method in `second`, by position.

    Variances over seeds are moderated: each is drawn towards their mean over all methods in `parts` with the weight of
    `PRIOR_DF` degrees of freedom (Smyth 2004, with a fixed prior), since three seeds say little of their own variance.
    Degrees of freedom are Satterthwaite's, and none is above what the mean variance over subjects of the pairs named
    here would give: else pairs whose variance is small by chance would have the most.
    """
    repeats = np.maximum(parts.seeds, 1)
    weights, prior = _moderation(parts)
    seed = weights @ parts.seed  # moderated, by method
    pairs = weights[first] / repeats[first, None] + weights[second] / repeats[second, None]
    own = np.maximum(parts.seeds - 1, 1)
    single = (seed / repeats) ** 2 / (own + prior)
    fixed, shared = subject_variances(parts, first, second)
    trained = (parts.seeds[first] > 1) | (parts.seeds[second] > 1)
    error, df = _combined(
        fixed,
        shared,
        (shared, np.where(trained, shared[trained].mean() if trained.any() else 0.0, shared)),
        _subject_df(parts),
        pairs @ parts.seed,
        # what the methods share of the mean is less certain with few of them; with many, the prior limits the claim
        np.maximum(((pairs * seed) ** 2 / own).sum(1), single[first] + single[second]),
    )
    return Estimates(value=parts.values[first] - parts.values[second], error=error, df=df)


def subject_variances(
    parts: Components, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]
) -> tuple[Array, Array]:
    """Variances over subjects of differences by position: with the networks fixed, and the part all seeds share."""
    own = np.diag(parts.subject)
    fixed = own[first] + own[second] - 2 * parts.subject[first, second]
    fixed = np.where(fixed < _TINY, 0.0, fixed)
    residual = parts.residual / np.maximum(parts.seeds, 1)
    shared: Array = np.maximum(fixed - residual[first] - residual[second], 0.0)
    return fixed, shared


def moderated_seed_variances(parts: Components) -> Array:
    """The variance over seeds `(method)` that comparisons use: drawn towards the mean of the table."""
    weights, _ = _moderation(parts)
    moderated: Array = weights @ parts.seed
    return moderated


def seed_freedom(seeds: int, trained: int, methods: int) -> float:
    """Degrees of freedom that `differences` gives the seeds of a pair, `trained` of which are trained at random.

    All methods of the table have so many seeds, at least two, and equal variances over them; where only one of the pair
    is trained, it is the other that is deterministic alone in the table.
    """
    members = methods - 2 + trained
    own, prior = seeds - 1, PRIOR_DF if members > 1 else 0.0
    weight, share = own / (prior + own), prior / (prior + own) / members
    squares = trained * (weight + trained * share) ** 2 + (members - trained) * (trained * share) ** 2
    return trained**2 / max(squares / own, trained / (own + prior))


def _moderation(parts: Components) -> tuple[Array, float]:
    """Weights `(method method)` that moderate variances over seeds, and the prior's degrees of freedom."""
    own = np.maximum(parts.seeds - 1, 0).astype(np.float64)
    prior = PRIOR_DF if (own > 0).sum() > 1 else 0.0
    mean = own / max(own.sum(), 1.0)
    weight = np.divide(own, prior + own, out=np.zeros_like(own), where=own > 0)
    shared = np.where(own > 0, 1 - weight, 0.0)
    return np.diag(weight) + shared[:, None] * mean[None], prior


def _combined(
    fixed: Array, shared: Array, possible: Sequence[Array], df: float, seed: Array, uncertainty: Array
) -> tuple[Array, Array]:
    """Standard errors and degrees of freedom: Satterthwaite's least over the `possible` values of `shared`.

    `fixed` has the variance over subjects with the networks fixed, `shared` the part of it that all seeds share; `seed`
    has the variance over seeds, `uncertainty` its square over its degrees of freedom. No error falls below that of
    fixed networks.
    """
    total = shared + seed
    freedom = np.minimum.reduce([satterthwaite(each, df, seed, uncertainty) for each in possible])
    below = total <= fixed
    error: Array = np.sqrt(np.where(below, fixed, total))
    return error, np.where(below, df, freedom)


def satterthwaite(shared: Array, df: float, seed: Array, uncertainty: Array) -> Array:
    """Degrees of freedom of `shared` (with `df`) plus `seed`, whose square over its own is `uncertainty`."""
    doubt = shared**2 / df + uncertainty
    freedom: Array = np.divide((shared + seed) ** 2, doubt, out=np.full_like(doubt, df), where=doubt > 0)
    return freedom


def _subject_df(parts: Components) -> float:
    return max(1.0, parts.effective_subjects - 1)


def floored(p: Array, subjects: int) -> Array:
    """No p below 2 / 2**subjects, the least that swapping whole subjects could give."""
    least: Array = np.maximum(p, min(1.0, 2.0 / 2.0**subjects))
    return least
