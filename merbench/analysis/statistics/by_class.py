"""F1 and recall of each class, with intervals over subjects and seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merbench.analysis.statistics.bootstrap import LEVEL, Interval
from merbench.analysis.statistics.components import Score, components
from merbench.analysis.statistics.student import scores
from merbench.analysis.statistics.table_inference import MethodRuns
from merbench.errors import UsageError
from merbench.kind_names import MULTI_NAME
from merbench.plural import plural
from merbench.task_kinds.unit_metrics import presence_f1

Array = npt.NDArray[np.float64]
#: Clips `(subject class)`, and the scores of a class, F1 and recall, by its number.
Parts = tuple[Array, Callable[[int], Score], Callable[[int], Score]]


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
    support, f1, recall = _of_units(method) if method.kind == MULTI_NAME else _of_classes(method)
    if len(classes) != support.shape[1]:
        raise UsageError(
            f"{len(classes)} class names for counts of {plural(support.shape[1], 'class')}; name each once."
        )
    return tuple(
        ClassScores(
            name=name,
            clips=int(support[:, number].sum()),
            subjects=int((support[:, number] > 0).sum()),
            f1=t_interval(method, f1(number), level),
            recall=t_interval(method, recall(number), level) if support[:, number].sum() else _undefined(),
        )
        for number, name in enumerate(classes)
    )


def _of_classes(method: MethodRuns) -> Parts:
    return method.counts[0].sum((1, 3)), _f1, _recall


def _of_units(method: MethodRuns) -> Parts:
    return method.counts[0][:, :, 1].sum(-1), _unit_f1, _unit_recall


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


def _unit_f1(number: int) -> Score:
    return lambda counts: presence_f1(counts[..., number : number + 1, :, :])


def _unit_recall(number: int) -> Score:
    def score(counts: Array) -> Array:
        unit = counts[..., number : number + 1, 1, :]
        return _ratio(unit[..., 1], unit.sum(-1))

    return score


def _ratio(above: Array, below: Array) -> Array:
    ratio: Array = np.divide(above, below, out=np.zeros_like(below), where=below > 0)
    return ratio
