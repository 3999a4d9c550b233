"""How many inner folds of a trial are stacked on a GPU: as many as fit, by what one of them takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from merbench.method import NetworkMethod

if TYPE_CHECKING:
    from merbench.experiments.evaluate import Evaluator
    from merbench.experiments.fold_runs import FoldRun


class InnerStack:
    """The stacks of a study's trials; what did not fit in one trial is not tried in a later one.

    Trials differ in batch, image size and width, so that each is measured by a step of one fold.
    """

    def __init__(self) -> None:
        #: Bytes that did not fit, by the measure of one fold; infinite as long as everything did.
        self._too_much = float("inf")
        self._asked = (1, 0)

    def fit(self, evaluator: Evaluator, todo: Sequence[FoldRun]) -> None:
        """Have an evaluator stack no more folds than fit."""
        numerics = evaluator.numerics
        self._asked = (1, 0)
        if numerics is None or numerics.parallelism != "vmapped" or numerics.parallel_folds <= 1:
            return
        count = min(numerics.parallel_folds, len(todo))
        if count > 1 and isinstance(evaluator.method, NetworkMethod):
            from merbench.training.autotune import fitting

            training, numerics, inputs = evaluator.engine(evaluator.method)
            job = evaluator.fold_job(todo[0])
            taken, most = fitting(evaluator.method, training, job, inputs, seed=evaluator.seed, numerics=numerics)
            count = min(count, most)
            while count > 1 and count * taken >= self._too_much:
                count = -(-count // 2)
            self._asked = (count, taken)
            evaluator.numerics = dataclasses.replace(numerics, parallel_folds=count)

    def remember(self, evaluator: Evaluator) -> None:
        """Keep in mind that a stack was halved, if it was."""
        count, taken = self._asked
        if evaluator.numerics is not None and evaluator.numerics.parallel_folds < count:
            self._too_much = min(self._too_much, count * taken)
