"""McNemar's test, and the clips on which two methods disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.analysis.statistics.per_clip import ClipPredictions, Result, predictions_by_clip, require_same_clips


@dataclass(frozen=True, slots=True, kw_only=True)
class McNemar:
    """The numbers of clips that only one of two methods classifies correctly, and the exact two-sided p.

    A clip of a multi-label task is correct where every unit is.
    """

    only_a: int
    only_b: int
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A clip that only one of two methods classifies correctly: its key, class and the prediction of each seed."""

    key: str
    truth: str
    a: tuple[str, ...]
    b: tuple[str, ...]
    right: str


def mcnemar(a_runs: Sequence[Result], b_runs: Sequence[Result], rule: str = "last") -> McNemar:
    """The exact McNemar test of two methods: a binomial test on the clips that only one of them has right.

    With several seeds a clip counts as correct where more than half of them are. The test treats clips as
    independent; those of one subject are not, so its p is too small. Prefer the tests over subjects.

    Raises:
        UsageError: for runs of different clips, or a rule that was not run.
    """
    from scipy.stats import binomtest

    a, b = _matched(a_runs, b_runs, rule)
    only_a, only_b = int((_right(a) & ~_right(b)).sum()), int((_right(b) & ~_right(a)).sum())
    p = float(binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0
    return McNemar(only_a=only_a, only_b=only_b, p=p)


def disagreements(a_runs: Sequence[Result], b_runs: Sequence[Result], rule: str = "last") -> list[Disagreement]:
    """The clips that only one method classifies correctly, by key; `right` is "a" or "b"."""
    a, b = _matched(a_runs, b_runs, rule)
    right_a, right_b = _right(a), _right(b)
    return [
        Disagreement(
            key=a.keys[index],
            truth=a.text(a.truth[index]),
            a=tuple(a.text(label) for label in a.predicted[:, index]),
            b=tuple(b.text(label) for label in b.predicted[:, index]),
            right="a" if right_a[index] else "b",
        )
        for index in np.flatnonzero(right_a != right_b).tolist()
    ]


def _matched(a_runs: Sequence[Result], b_runs: Sequence[Result], rule: str) -> tuple[ClipPredictions, ClipPredictions]:
    a, b = predictions_by_clip(a_runs, rule), predictions_by_clip(b_runs, rule)
    require_same_clips("The first method's runs", a, "the second's", b)
    return a, b


def _right(clips: ClipPredictions) -> npt.NDArray[np.bool_]:
    hits: npt.NDArray[np.bool_] = 2 * clips.right.sum(0) > len(clips.predicted)
    return hits
