"""Checks that a method says the same again: by the same seed, in any order of folds and of clips."""

from __future__ import annotations

import dataclasses

from merbench.testing.check import Failed
from merbench.testing.compare import require_equal
from merbench.testing.harness import Bench


def same_by_seed(bench: Bench) -> None:
    """The same seed gives the same predictions, from another instance too."""
    trial = bench.trials[0]
    one, two = (bench.run([trial], method=bench.fresh())[trial.fold] for _ in range(2))
    require_equal(one, two, "the same seed gives other probabilities the second time", exact=True)


def folds_in_any_order(bench: Bench) -> None:
    """Each fold says the same whichever were trained before it, by the same instance."""
    two = bench.trials[:2]
    forth = bench.run(two, method=bench.fresh())
    back = bench.run(two[::-1], method=bench.fresh())
    for fold in forth:
        require_equal(forth[fold], back[fold], f"fold {fold} depends on the folds that were trained before it")


def clips_in_any_order(bench: Bench) -> None:
    """What is said of a held-out clip does not depend on the order in which they are asked for."""
    trial = bench.trials[0]
    forth = bench.run([trial], method=bench.fresh())[trial.fold]
    turned = dataclasses.replace(trial, watch=trial.watch[::-1].copy())
    back = bench.run([turned], method=bench.fresh())[trial.fold]
    if forth.shape != back.shape:
        raise Failed(f"the shape of the probabilities depends on the order of clips: {forth.shape}, {back.shape}.")
    require_equal(forth, back[:, ::-1], "the order of the held-out clips changes what is said of them")
