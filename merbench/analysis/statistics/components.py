"""Variance of mean scores over random subjects and random seeds, from the jackknife by subject.

Subjects are the cases and trained networks the readers of a multi-reader multi-case study: the moments are those of
Obuchowski and Rockette (1995) with jackknife covariances, which for pseudo-values are those of Dorfman, Berbaum and
Metz (1992) and of Gallas (2006). Readers are nested in methods here: seed 0 of one method has nothing to do with
seed 0 of another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Score = Callable[[Array], Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """What the variance of each method's mean score consists of.

    `values` `(method)` are means over seeds; `subject` `(method method)` is the jackknife covariance of these means
    with the networks fixed; `influence` `(method subject)` has the centred pseudo-values behind it. `seed` `(method)`
    is the observed variance of the score from seed to seed, `residual` `(method)` the part of it that sampled subjects
    alone explain; both are 0 for one seed. `seeds` `(method)` counts them; it is 0 for a deterministic method.
    `effective_subjects` is how many subjects with equally many clips would say as much: (sum of clips)² / sum of
    squared clips, after Carter, Schnepel and Steigerwald (2017).
    """

    values: Array
    subject: Array
    influence: Array
    seed: Array
    residual: Array
    seeds: npt.NDArray[np.int64]
    effective_subjects: float

    @property
    def subjects(self) -> int:
        """The number of subjects."""
        return int(self.influence.shape[1])

    def subset(self, methods: Sequence[int]) -> Components:
        """The same of some of the methods, by position."""
        places = np.array(methods, dtype=np.int64)
        return Components(
            values=self.values[places],
            subject=self.subject[np.ix_(places, places)],
            influence=self.influence[places],
            seed=self.seed[places],
            residual=self.residual[places],
            seeds=self.seeds[places],
            effective_subjects=self.effective_subjects,
        )


def components(counts: Sequence[Array], deterministic: Sequence[bool], score: Score) -> Components:
    """The components of methods with counts `(seed subject unit true predicted)`, at least two subjects."""
    parts = [_of_one(each, score) for each in counts]
    influence = np.array([part[1] for part in parts])
    subjects = influence.shape[1]
    return Components(
        values=np.array([part[0] for part in parts]),
        subject=influence @ influence.T / (subjects * (subjects - 1)),
        influence=influence,
        seed=np.array([0.0 if fixed else part[2] for part, fixed in zip(parts, deterministic, strict=True)]),
        residual=np.array([0.0 if fixed else part[3] for part, fixed in zip(parts, deterministic, strict=True)]),
        seeds=np.array([0 if fixed else len(each) for each, fixed in zip(counts, deterministic, strict=True)]),
        effective_subjects=_effective(counts[0]),
    )


def pseudo_values(counts: Array, score: Score) -> Array:
    """Jackknife pseudo-values `(seed subject)` of a score, from counts `(seed subject unit true predicted)`."""
    total = counts.sum(1)
    subjects = counts.shape[1]
    left_out = score(total[:, None] - counts).mean(-1)
    whole = score(total).mean(-1)
    pseudo: Array = subjects * whole[:, None] - (subjects - 1) * left_out
    return pseudo


def _of_one(counts: Array, score: Score) -> tuple[float, Array, float, float]:
    """Mean score, centred pseudo-values `(subject)` of the mean, variance over seeds, and its residual part."""
    seeds, subjects = counts.shape[:2]
    by_seed = score(counts.sum(1)).mean(-1)
    pseudo = pseudo_values(counts, score)
    mean = pseudo.mean(0)
    influence = mean - mean.mean()
    if seeds < 2:
        return float(by_seed.mean()), influence, 0.0, 0.0
    single = float(pseudo.var(axis=1, ddof=1).mean()) / subjects
    averaged = float(mean.var(ddof=1)) / subjects
    residual = max(0.0, (single - averaged) * seeds / (seeds - 1))
    return float(by_seed.mean()), influence, float(by_seed.var(ddof=1)), residual


def _effective(counts: Array) -> float:
    clips = counts[0].reshape(counts.shape[1], -1).sum(1)
    return float(clips.sum() ** 2 / (clips**2).sum())
