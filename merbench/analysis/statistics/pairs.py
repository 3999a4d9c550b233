"""Comparisons of two methods each, with p corrected over those of a family."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from merbench.analysis.statistics.components import Components
from merbench.analysis.statistics.holm import holm
from merbench.analysis.statistics.student import Estimates, differences, floored
from merbench.plural import plural

ALPHA = 0.05

Place = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairInference:
    """The first method less the second, its interval, p, and p after Holm's correction over the family.

    The level of the interval is 95 %, or what the function that gives the comparison says. `p_corrected` is None where
    the comparison is not in the family, since one of the two lacks seeds or is not ranked.
    """

    first: str
    second: str
    difference: float
    low: float
    high: float
    p: float
    p_corrected: float | None

    @property
    def significant(self) -> bool:
        """Whether the corrected p is at most 0.05."""
        return self.p_corrected is not None and self.p_corrected <= ALPHA


def compared_pairs(
    names: Sequence[str], parts: Components, pairs: Sequence[Place], family: Collection[Place], level: float
) -> tuple[tuple[PairInference, ...], Estimates]:
    """Every pair of methods by position, and the estimates of those in the `family`, in their order.

    Methods of no pair in the family lend the others no variance over seeds.
    """
    members = sorted({place for pair in family for place in pair})
    number = {place: index for index, place in enumerate(members)}
    own = _compared(parts.subset(members), [(number[a], number[b]) for a, b in pairs if (a, b) in family])
    rest = _compared(parts, [pair for pair in pairs if pair not in family])
    corrected = iter(holm(floored(own.p(), parts.subjects).tolist()))
    rows = {True: _rows(own, parts.subjects, level), False: _rows(rest, parts.subjects, level)}
    compared = []
    for pair in pairs:
        difference, half, p = next(rows[pair in family])
        compared.append(
            PairInference(
                first=names[pair[0]],
                second=names[pair[1]],
                difference=difference,
                low=difference - half,
                high=difference + half,
                p=p,
                p_corrected=next(corrected) if pair in family else None,
            )
        )
    return tuple(compared), own


def not_compared(names: Sequence[str], values: Sequence[float], pairs: Sequence[Place]) -> tuple[PairInference, ...]:
    """Differences without an interval, as a single subject gives them."""
    nan = float("nan")
    return tuple(
        PairInference(
            first=names[a],
            second=names[b],
            difference=values[a] - values[b],
            low=nan,
            high=nan,
            p=1.0,
            p_corrected=None,
        )
        for a, b in pairs
    )


def least_subjects(comparisons: int) -> int:
    """The least number of subjects with which one of so many comparisons can be significant.

    >>> least_subjects(1), least_subjects(3), least_subjects(10)
    (6, 7, 9)
    """
    subjects = 1
    while 2 / 2**subjects * comparisons > ALPHA:
        subjects += 1
    return subjects


def impossible(subjects: int, comparisons: int) -> str:
    """Why none of so many comparisons can be significant with so many subjects; empty where one can.

    >>> impossible(26, 190)
    ''
    >>> impossible(8, 11)
    'With 8 subjects no p is below 0.00781 (2 / 2^8), and 11 comparisons need 9 subjects'
    """
    least = least_subjects(comparisons)
    if not comparisons or subjects >= least:
        return ""
    return (
        f"With {plural(subjects, 'subject')} no p is below {2 / 2**subjects:.3g} (2 / 2^{subjects}), and {comparisons} "
        f"{'comparisons need' if comparisons > 1 else 'comparison needs'} {plural(least, 'subject')}"
    )


def _compared(parts: Components, pairs: Sequence[Place]) -> Estimates:
    places = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return differences(parts, places[:, 0], places[:, 1])


def _rows(estimates: Estimates, subjects: int, level: float) -> Iterator[tuple[float, float, float]]:
    p = floored(estimates.p(), subjects)
    return zip(estimates.value.tolist(), estimates.half_width(level).tolist(), p.tolist(), strict=True)
