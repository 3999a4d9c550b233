"""Checks that a method says the same again: by the same seed, in any order of folds and of clips."""

from __future__ import annotations

import dataclasses

from merbench.testing.conformance import Failed
from merbench.testing.harness import Harness, require_equal


def same_by_seed(harness: Harness) -> None:
    """The same seed gives the same predictions, from another instance too."""
    fold_run = harness.fold_runs[0]
    one, two = (harness.run([fold_run], method=harness.fresh())[fold_run.fold] for _ in range(2))
    require_equal(one, two, "the same seed gives other probabilities the second time", exact=True)


def folds_in_any_order(harness: Harness) -> None:
    """Each fold says the same whichever were trained before it, by the same instance."""
    two = harness.fold_runs[:2]
    forth = harness.run(two, method=harness.fresh())
    back = harness.run(two[::-1], method=harness.fresh())
    for fold in forth:
        require_equal(forth[fold], back[fold], f"fold {fold} depends on the folds that were trained before it")


def clips_in_any_order(harness: Harness) -> None:
    """What is said of a held-out clip does not depend on the order in which they are asked for."""
    fold_run = harness.fold_runs[0]
    forth = harness.run([fold_run], method=harness.fresh())[fold_run.fold]
    turned = dataclasses.replace(fold_run, watch=fold_run.watch[::-1].copy())
    back = harness.run([turned], method=harness.fresh())[fold_run.fold]
    if forth.shape != back.shape:
        raise Failed(f"the shape of the probabilities depends on the order of clips: {forth.shape}, {back.shape}.")
    require_equal(forth, back[:, ::-1], "the order of the held-out clips changes what is said of them")
