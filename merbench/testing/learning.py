"""The check that a method learns: planted motion of people whom it never saw."""

from __future__ import annotations

from merbench.method import Method
from merbench.testing.check import Failed, NotApplicable
from merbench.testing.harness import learning_bench

#: Of 24 held-out clips in two equal classes; guessing gets as many in one of 88 tries.
NEEDED = 18


def learns(method: Method | type[Method]) -> None:
    """Most held-out clips of three unseen people are told apart, with two plainly different motions to learn."""
    if method.family == "control":
        raise NotApplicable("a control: it is there to be beaten")
    bench = learning_bench(method)
    [trial] = bench.trials
    found = bench.run()[trial.fold][-1].argmax(axis=1)
    right = int((found == [bench.task.labels()[place] for place in trial.watch]).sum())
    if right < NEEDED:
        raise Failed(
            f"{right} of {len(trial.watch)} held-out clips are right, of two classes with strong planted motion; at "
            f"least {NEEDED} must be. If the quick recipe is too short for 40 clips, give learning_settings."
        )
