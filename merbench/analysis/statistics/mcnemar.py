"""McNemar's test, and the clips on which two methods disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.analysis.statistics.per_clip import Judged, Result, judged, require_same_clips


@dataclass(frozen=True, slots=True, kw_only=True)
class McNemar:
    """Clips that only the one and only the other method has right, and the exact two-sided p."""

    only_a: int
    only_b: int
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A clip that one method has right and the other wrong: its key, class, and what each seed predicted."""

    key: str
    truth: str
    a: tuple[str, ...]
    b: tuple[str, ...]
    right: str


def mcnemar(a_runs: Sequence[Result], b_runs: Sequence[Result], rule: str = "last") -> McNemar:
    """The exact McNemar test of two methods: a binomial test on the clips that only one of them has right.

    With several seeds a clip counts as right where more than half of them have it right. The test takes clips for
    independent; those of one subject are not, so its p is too small. The swap test over subjects is the one to trust.

    Raises:
        UsageError: for runs of different clips, or a rule that was not run.
    """
    from scipy.stats import binomtest

    a, b = _both(a_runs, b_runs, rule)
    only_a, only_b = int((_right(a) & ~_right(b)).sum()), int((_right(b) & ~_right(a)).sum())
    p = float(binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0
    return McNemar(only_a=only_a, only_b=only_b, p=p)


def disagreements(a_runs: Sequence[Result], b_runs: Sequence[Result], rule: str = "last") -> list[Disagreement]:
    """The clips that one method has right and the other wrong, by key; `right` is "a" or "b"."""
    a, b = _both(a_runs, b_runs, rule)
    right_a, right_b = _right(a), _right(b)
    names = a.classes
    return [
        Disagreement(
            key=a.keys[place],
            truth=names[a.truth[place]],
            a=tuple(names[label] for label in a.predicted[:, place]),
            b=tuple(names[label] for label in b.predicted[:, place]),
            right="a" if right_a[place] else "b",
        )
        for place in np.flatnonzero(right_a != right_b).tolist()
    ]


def _both(a_runs: Sequence[Result], b_runs: Sequence[Result], rule: str) -> tuple[Judged, Judged]:
    a, b = judged(a_runs, rule), judged(b_runs, rule)
    require_same_clips("The first method's runs", a, "the second's", b)
    return a, b


def _right(clips: Judged) -> npt.NDArray[np.bool_]:
    hits: npt.NDArray[np.bool_] = 2 * (clips.predicted == clips.truth).sum(0) > len(clips.predicted)
    return hits
