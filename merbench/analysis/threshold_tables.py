"""Tables of the thresholds of action units that runs chose in training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from merbench.analysis.table import Table
from merbench.results.labels import label
from merbench.results.run import Run
from merbench.selection import RANKED, Rule


def threshold_summary(runs: Sequence[Run]) -> Table | None:
    """By unit, the median and the range of the thresholds over folds and seeds; None where all are 0.5.

    The runs differ in their seed alone.
    """
    rules = [rule for rule in runs[0].rules if all(rule in run.rules for run in runs)]
    if runs[0].thresholds(rules[0]) is None:
        return None
    chosen = {rule: np.array([fold for run in runs for fold in run.thresholds(rule) or ()]) for rule in rules}
    return Table(
        title=f"{label(runs[0].header)}: thresholds by unit, over folds",
        columns=("unit", *(rule if rule in RANKED else f"{rule}*" for rule in rules)),
        rows=tuple(
            (name, *(_spread(chosen[rule][:, place]) for rule in rules)) for place, name in enumerate(runs[0].classes)
        ),
        notes=("Median (lowest to highest), each chosen in training; --table thresholds has those of every fold.",),
    )


def threshold_table(run: Run, rule: Rule) -> Table | None:
    """The threshold of each unit in each fold, a row a fold; None where all are 0.5."""
    chosen = run.thresholds(rule)
    if chosen is None:
        return None
    return Table(
        title=f"{label(run.header)}, seed {run.seed}: threshold of each unit by fold, rule {rule}",
        columns=("fold", *run.classes),
        rows=tuple(
            (outcome.fold, *(f"{value:.3f}" for value in above))
            for outcome, above in zip(run.outer, chosen, strict=True)
        ),
    )


def thresholds_as_dict(run: Run, rule: Rule) -> dict[str, dict[str, float]] | None:
    """The threshold of each unit by fold as plain data; None where all are 0.5."""
    chosen = run.thresholds(rule)
    if chosen is None:
        return None
    return {
        outcome.fold: dict(zip(run.classes, map(float, above), strict=True))
        for outcome, above in zip(run.outer, chosen, strict=True)
    }


def _spread(values: npt.NDArray[np.float64]) -> str:
    return f"{np.median(values):.3f} ({values.min():.3f} to {values.max():.3f})"
