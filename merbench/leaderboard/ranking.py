"""Ranks that claim no more than the data bear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from merbench.analysis.statistics import ALPHA, Interval, holm, interval, swap_test
from merbench.analysis.statistics.per_clip import judged, unit_counts
from merbench.analysis.statistics.pooled import uf1
from merbench.results.seed_groups import Group

#: A choice: so that the smallest p, 0.0001, survives the correction for several hundred methods.
SWAPS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A method, its rank (None where none is given), UF1 with its interval, and p against the best, corrected."""

    group: Group
    rank: int | None
    uf1: Interval
    p_best: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The methods of a task, the best first; `least` subjects are needed before any two can be separated."""

    rows: tuple[Ranked, ...]
    subjects: int
    least: int
    leaky: bool

    @property
    def separable(self) -> bool:
        """Whether there are enough subjects for any rank but the first."""
        return self.subjects >= self.least


def ranking(groups: Sequence[Group]) -> Ranking:
    """The methods of one task by UF1 under `last`, and their ranks.

    The rank of a method is 1 + the number of methods that are significantly better. A method is significantly better
    than one of lower UF1 if the test that swaps whole subjects, all seeds together, gives p <= 0.05 after Holm's
    correction over all methods below it: each method in turn is the best of those that are left, and its comparisons
    are one family. So methods that cannot be told apart from any better one share rank 1, and sharing a rank is no
    proof of being equal. With n subjects no p is below 2 / 2**n, so with k methods 2 / 2**n * (k - 1) <= 0.05 must
    hold for the best to be told from one that it beats in every subject; with fewer subjects nothing is ranked. Under
    a leaky protocol nothing is ranked either, and methods are in the order of their names. Methods that were tuned on
    the evaluation subjects stand below all others; they have no rank, and nobody's rank depends on them.
    """
    leaky = any(record.content["leaky"] for group in groups for record in group.records)
    ordered = sorted(groups, key=lambda group: (0.0 if leaky else -group.mean(lambda scores: scores.uf1), group.name))
    ordered = sorted(ordered, key=lambda group: bool(group.unranked))
    able = sum(not group.unranked for group in ordered)
    counts = [unit_counts(judged(group.records, "last")) for group in ordered]
    subjects, least = counts[0].shape[1], least_subjects(able - 1)
    better = [0] * len(ordered)
    p_best: list[float | None] = [None] * len(ordered)
    ranked = not leaky and subjects >= least
    for place, one in enumerate(counts[:able] if not leaky else ()):
        family = holm([swap_test(one, other, uf1, SWAPS) for other in counts[place + 1 : able]])
        for below, p in enumerate(family, start=place + 1):
            better[below] += p <= ALPHA
            p_best[below] = p if place == 0 else p_best[below]
    rows = tuple(
        Ranked(
            group=group,
            rank=1 + better[place] if ranked and place < able else None,
            uf1=interval(group.records),
            p_best=p_best[place],
        )
        for place, group in enumerate(ordered)
    )
    return Ranking(rows=rows, subjects=subjects, least=least, leaky=leaky)


def least_subjects(comparisons: int) -> int:
    """The least number of subjects with which one of so many comparisons can be significant.

    >>> least_subjects(1), least_subjects(3), least_subjects(10)
    (6, 7, 9)
    """
    subjects = 1
    while 2 / 2**subjects * comparisons > ALPHA:
        subjects += 1
    return subjects
