"""Scores of pooled counts, for many draws at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt

from merbench.kind_names import SINGLE_NAME, KindName
from merbench.task_kinds import kind_named, require_metric
from merbench.task_kinds.unit_metrics import presence_f1, two_sided_f1

Array = npt.NDArray[np.float64]
Metric = Literal["uf1", "uar", "accuracy", "mean_f1", "macro_f1"]


def uf1(counts: Array) -> Array:
    """UF1 `(...)` of counts `(... true predicted)`; a class neither true nor predicted counts 0, as in every score."""
    hits = 2 * _hits(counts)
    involved = counts.sum(-1) + counts.sum(-2)
    mean: Array = _ratio(hits, involved).mean(-1)
    return mean


def uar(counts: Array) -> Array:
    """UAR `(...)` of counts `(... true predicted)`: the mean recall over the classes that have clips."""
    support = counts.sum(-1)
    recall: Array = _ratio(_ratio(_hits(counts), support).sum(-1), (support > 0).sum(-1).astype(np.float64))
    return recall


def accuracy(counts: Array) -> Array:
    """The share `(...)` of counts `(... true predicted)` on the diagonal."""
    return _ratio(_hits(counts).sum(-1), counts.sum((-2, -1)))


def mean_of_rest(values: Array) -> Array:
    """The mean `(first axis)` of scores over all other axes: seeds, and folds where a protocol averages them."""
    mean: Array = values.reshape(len(values), -1).mean(-1)
    return mean


def _hits(counts: Array) -> Array:
    return np.diagonal(counts, axis1=-2, axis2=-1)


def _ratio(above: Array, below: Array) -> Array:
    ratio: Array = np.divide(above, below, out=np.zeros(np.shape(below)), where=below > 0)
    return ratio


METRICS: Mapping[str, Callable[[Array], Array]] = {
    "uf1": uf1,
    "uar": uar,
    "accuracy": accuracy,
    "mean_f1": presence_f1,
    "macro_f1": two_sided_f1,
}


def metric_named(name: str, kind: KindName = SINGLE_NAME) -> Callable[[Array], Array]:
    """The function of a metric; of an empty name, of the one that ranks tasks of a kind.

    Raises:
        UsageError: for an unknown one, or one that does not serve such tasks.
    """
    return METRICS[require_metric(kind_named(kind), name)]
