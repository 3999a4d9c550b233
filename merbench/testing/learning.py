"""The check that a method learns: synthetic motion of people whom it never saw."""

from __future__ import annotations

from merbench.method import Method
from merbench.testing.conformance import Failed, NotApplicable
from merbench.testing.harness import learning_harness

#: Of 24 held-out clips in two equal classes; guessing gets as many in one of 88 tries.
NEEDED = 18


def learns(method: Method | type[Method]) -> None:
    """Most held-out clips of three unseen people are classified right, with two plainly different motions to learn.

    Of action units, every one of a clip must be right.
    """
    if method.family == "control":
        raise NotApplicable("a control: it is there to be beaten")
    harness = learning_harness(method)
    [fold_run] = harness.fold_runs
    kind, truth = harness.task.kind, harness.task.labels()[fold_run.watch]
    right = int(kind.correct(truth, kind.predicted(harness.run()[fold_run.fold][-1])).sum())
    if right < NEEDED:
        raise Failed(
            f"{right} of {len(fold_run.watch)} held-out clips are right, of two classes with strong synthetic motion; "
            f"at least {NEEDED} must be. If the quick recipe is too short for 40 clips, give learning_settings."
        )
