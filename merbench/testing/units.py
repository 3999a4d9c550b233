"""The check that a method serves tasks of action units where it says so, and is refused where it does not."""

from __future__ import annotations

import numpy as np

from merbench.errors import UsageError
from merbench.kind_names import MULTI_NAME
from merbench.method import Method
from merbench.testing.conformance import Failed, NotApplicable
from merbench.testing.harness import units_harness
from merbench.testing.leakage import labels_unread


def serves_units(method: Method | type[Method]) -> None:
    """Check that each unit has a repeatable probability within 0..1, also if no training clip has one of them.

    Labels of held-out clips are never read. A method that does not say that it serves action units must be refused.
    """
    if MULTI_NAME not in method.kinds:
        _require_refused(method)
        raise NotApplicable("it serves single-label tasks only, and is refused for others")
    harness = units_harness(method)
    fold_run, kind, units = harness.fold_runs[0], harness.task.kind, len(harness.task.classes)
    first, again = (harness.run([fold_run], method=harness.fresh())[fold_run.fold] for _ in range(2))
    if fault := kind.probability_fault(first, len(fold_run.watch), units):
        raise Failed(f"of action units, {fault}.")
    if not np.array_equal(first, again):
        raise Failed("of action units, the same seed gives other probabilities the second time.")
    try:
        labels_unread(harness)
    except Failed as reason:
        raise Failed(f"of action units, {reason}") from reason
    labels = harness.task.labels()
    without = fold_run.train[labels[fold_run.train, 0] == 0]
    poor = type(fold_run)(fold=fold_run.fold, kind="outer", train=without, watch=fold_run.watch)
    probabilities = harness.run([poor], method=harness.fresh())[fold_run.fold]
    if fault := kind.probability_fault(probabilities, len(fold_run.watch), units):
        raise Failed(f"in a fold without training clips of a unit, {fault}.")


def _require_refused(method: Method | type[Method]) -> None:
    try:
        units_harness(method)
    except UsageError:
        return
    raise Failed("its `kinds` do not have multi-label, but a task of action units is not refused.")
