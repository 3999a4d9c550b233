"""F1 and recall of each class, with intervals over subjects and seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.analysis.statistics.bootstrap import LEVEL, Interval
from merbench.analysis.statistics.components import Score, components
from merbench.analysis.statistics.student import scores
from merbench.analysis.statistics.table_inference import MethodRuns
from merbench.errors import UsageError
from merbench.plural import plural

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScores:
    """A class, the number of its clips and of the subjects that have some, and its F1 and recall with intervals."""

    name: str
    clips: int
    subjects: int
    f1: Interval
    recall: Interval


def class_scores(method: MethodRuns, classes: Sequence[str], level: float = LEVEL) -> tuple[ClassScores, ...]:
    """F1 and recall of each class, counts pooled over subjects and averaged over seeds, with t intervals.

    The variance is that of `table_inference`. A class that few subjects have gives an interval that is too narrow:
    `subjects` says how many there are. Recall is NaN for a class without clips.

    Raises:
        UsageError: if there are not as many names as classes.
    """
    if len(classes) != method.counts.shape[-1]:
        raise UsageError(
            f"{len(classes)} class names for counts of {plural(method.counts.shape[-1], 'class')}; name each once."
        )
    support = method.counts[0].sum((1, 3))  # subject, class
    return tuple(
        ClassScores(
            name=name,
            clips=int(support[:, number].sum()),
            subjects=int((support[:, number] > 0).sum()),
            f1=t_interval(method, _f1(number), level),
            recall=t_interval(method, _recall(number), level) if support[:, number].sum() else _undefined(),
        )
        for number, name in enumerate(classes)
    )


def t_interval(method: MethodRuns, score: Score, level: float = LEVEL) -> Interval:
    """A method's mean score with its t interval over subjects and seeds, within 0..1; NaN ends of a single subject."""
    if method.counts.shape[1] < 2:
        value = float(score(method.counts.sum(1)).mean())
        return Interval(value=value, low=float("nan"), high=float("nan"))
    estimate = scores(components([method.counts], [method.deterministic], score))
    value, half = float(estimate.value[0]), float(estimate.half_width(level)[0])
    return Interval(value=value, low=max(0.0, value - half), high=min(1.0, value + half))


def _undefined() -> Interval:
    return Interval(value=float("nan"), low=float("nan"), high=float("nan"))


def _f1(number: int) -> Score:
    def score(counts: Array) -> Array:
        involved = counts[..., number, :].sum(-1) + counts[..., :, number].sum(-1)
        return _ratio(2 * counts[..., number, number], involved)

    return score


def _recall(number: int) -> Score:
    return lambda counts: _ratio(counts[..., number, number], counts[..., number, :].sum(-1))


def _ratio(above: Array, below: Array) -> Array:
    ratio: Array = np.divide(above, below, out=np.zeros_like(below), where=below > 0)
    return ratio
