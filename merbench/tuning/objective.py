"""The objective of a study: the pooled score that ranks, over inner folds of the clips that it was handed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import optuna

from merbench.data.labelled_clips import LabelledClips
from merbench.errors import EntryError, MerbenchError
from merbench.experiments.evaluate import Evaluator, OnEpoch
from merbench.experiments.experiment import Experiment
from merbench.experiments.fold_runs import FoldRun
from merbench.method import Method, NetworkMethod
from merbench.results.fold_result import FoldResult
from merbench.selection import Inner, inner_epoch
from merbench.tuning.inner_folds import Split
from merbench.tuning.inner_stack import InnerStack
from merbench.tuning.space import Space, applied, values_of

if TYPE_CHECKING:
    from torch import Tensor

    from merbench.inputs.prepared import PreparedInputs

#: What outcomes of inner folds are called in the streams of their random numbers.
_KIND = "tuning"
Take = Callable[[Method], "PreparedInputs | None"]


class Failed(Exception):
    """A trial that cannot be carried through, and why; the study goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """Trains a trial's parameters on inner folds; `task` and what `take` gives hold nothing of held-out subjects.

    The score is UF1, or mean F1 of a multi-label task.
    """

    fold: str
    experiment: Experiment
    task: LabelledClips
    take: Take
    splits: Sequence[Split]
    space: Space
    pruner: str
    on_epoch: OnEpoch = lambda fold, epoch: None
    stack: InnerStack = field(default_factory=InnerStack)

    def __call__(self, trial: optuna.Trial) -> float:
        """The pooled score at the best epoch, which the trial keeps with its log loss, seconds and epochs trained.

        Raises:
            Failed: if the parameters cannot be trained, memory included.
            optuna.TrialPruned: if the pruner stops it.
        """
        values = self.space.suggest(trial, values_of(self.experiment))
        trial.set_user_attr("values", json.dumps(values))
        start, epochs = time.perf_counter(), 0
        trained: list[FoldResult] = []

        def count_epoch(fold: str, epoch: int) -> None:
            nonlocal epochs
            epochs += 1
            self.on_epoch(fold, epoch)

        try:
            for outcome in self._outcomes(trial, values, count_epoch):
                trained.append(outcome)
                epochs += 0 if self._is_network or not outcome.has_epochs else outcome.epochs
                self._report(trial, trained)
        except MerbenchError as fault:
            if isinstance(fault, EntryError):
                raise
            raise Failed(str(fault)) from fault
        except (MemoryError, RuntimeError) as fault:
            if not is_out_of_memory(fault):
                raise
            _free_memory()
            raise Failed(f"out of memory: {str(fault).splitlines()[0] if str(fault) else 'MemoryError'}") from fault
        finally:
            trial.set_user_attr("seconds", time.perf_counter() - start)
            trial.set_user_attr("epochs", epochs)
        return self._value(trial, trained)

    def _outcomes(self, trial: optuna.Trial, values: Mapping[str, object], on_epoch: OnEpoch) -> Iterator[FoldResult]:
        method, training = applied(self.experiment.method, self.experiment.training, values)
        evaluator = Evaluator(
            method,
            training,
            self.task,
            self.take(method),
            seed=self.experiment.seed,
            numerics=self.experiment.numerics,
            on_watched=partial(self._look, trial) if self.pruner == "hyperband" else None,
        )
        todo = [
            FoldRun(fold=self.fold, kind=f"{_KIND} {number}", train=train, watch=watch)
            for number, (train, watch) in enumerate(self.splits, 1)
        ]
        self.stack.fit(evaluator, todo)
        yield from evaluator.outcomes(todo, on_epoch)
        self.stack.remember(evaluator)

    def _look(self, trial: optuna.Trial, inner: FoldRun, epoch: int, probabilities: Tensor) -> None:
        """Report to the pruner an epoch of the first inner fold; where it stops the trial, training stops there."""
        if inner.kind != f"{_KIND} 1":
            return
        truth = np.array(self.task.training_labels(), dtype=np.int64)[inner.watch]
        self._tell(trial, epoch + 1, self.task.kind.log_loss(probabilities.cpu().numpy(), truth))

    def _tell(self, trial: optuna.Trial, epoch: int, loss: float) -> None:
        trial.report(-loss, epoch)
        if trial.should_prune():
            raise optuna.TrialPruned(f"after epoch {epoch} of the first inner fold")

    @property
    def _is_network(self) -> bool:
        return isinstance(self.experiment.method, NetworkMethod)

    def _report(self, trial: optuna.Trial, trained: Sequence[FoldResult]) -> None:
        """Report an inner fold to the pruner: the negative log loss, as higher is better."""
        last = trained[-1]
        losses = [self.task.kind.log_loss(probabilities, last.truth) for probabilities in last.probabilities]
        if self.pruner == "hyperband":
            if not self._is_network and len(trained) == 1:  # fitted at once, so looked at when it is done
                for epoch, loss in enumerate(losses, 1):
                    self._tell(trial, epoch, loss)
            return
        trial.report(-min(losses), int(last.kind.removeprefix(f"{_KIND} ")))
        if len(trained) < len(self.splits) and trial.should_prune():
            raise optuna.TrialPruned(f"after {len(trained)} of {len(self.splits)} inner folds")

    def _value(self, trial: optuna.Trial, trained: Sequence[FoldResult]) -> float:
        points = min(outcome.epochs for outcome in trained)
        pooled = Inner(
            probabilities=np.concatenate([outcome.probabilities[:points] for outcome in trained], axis=1),
            truth=np.concatenate([outcome.truth for outcome in trained]),
            kind=self.task.kind_name,
        )
        epoch = inner_epoch(pooled)
        chosen = pooled.probabilities[epoch]
        trial.set_user_attr("epoch", epoch + 1)
        kind = self.task.kind
        trial.set_user_attr("log_loss", kind.log_loss(chosen, pooled.truth))
        return kind.headline_score([(pooled.truth, kind.predicted(chosen))], chosen.shape[1])


def is_out_of_memory(fault: BaseException) -> bool:
    """Whether an error says that the device or the machine has no memory left."""
    from merbench.training import memory

    return memory.is_out_of_memory(fault)


def _free_memory() -> None:
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
