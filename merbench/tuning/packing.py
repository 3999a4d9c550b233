"""How many inner folds of a trial are trained at once."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from merbench.tuning.plan import Plan

if TYPE_CHECKING:
    from merbench.training.numerics import Numerics

#: They stop a trial between inner folds, which must be trained one after the other for that to spare anything.
BETWEEN_FOLDS = ("wilcoxon", "median")


def packed(numerics: Numerics | None, plan: Plan) -> Numerics | None:
    """The numerics with a number of folds, where that was left open: on a GPU all, fewer where memory does not suffice.

    One at a time on a CPU, whose cores trials share with `--executor processes`, and where the pruner decides between
    folds.
    """
    if numerics is None or numerics.packing:
        return numerics
    at_once = numerics.together == "stacked" and plan.pruner not in BETWEEN_FOLDS
    return dataclasses.replace(numerics, packing=plan.inner if at_once else 1)
