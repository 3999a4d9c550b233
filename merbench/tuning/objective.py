"""The objective of a study: pooled UF1 over inner folds of the clips that it was handed, which are all it knows."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import optuna

from merbench.errors import EntryError, MerbenchError
from merbench.evaluate import Evaluator, OnEpoch, Trial
from merbench.experiment import Experiment
from merbench.method import Method
from merbench.metrics import pooled_uf1
from merbench.outcome import Outcome
from merbench.selection import Inner, inner_epoch, log_loss
from merbench.task import Task
from merbench.tuning.inner import Split
from merbench.tuning.space import Space, applied, values_of

if TYPE_CHECKING:
    from merbench.inputs.prepared import PreparedInputs

Take = Callable[[Method], "PreparedInputs | None"]


class Failed(Exception):
    """A trial that cannot be carried through, and why; the study goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """Trains a trial's parameters on inner folds; `task` and what `take` gives hold nothing of held-out subjects."""

    fold: str
    experiment: Experiment
    task: Task
    take: Take
    splits: Sequence[Split]
    space: Space
    pruner: str
    on_epoch: OnEpoch = lambda fold, epoch: None

    def __call__(self, trial: optuna.Trial) -> float:
        """Pooled UF1 at the best epoch, which the trial keeps with its log loss, seconds and epochs trained.

        Raises:
            Failed: if the parameters cannot be trained, memory included.
            optuna.TrialPruned: if the pruner stops it.
        """
        values = self.space.suggest(trial, values_of(self.experiment))
        trial.set_user_attr("values", json.dumps(values))
        start = time.perf_counter()
        trained: list[Outcome] = []
        try:
            for outcome in self._outcomes(values):
                trained.append(outcome)
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
            trial.set_user_attr("epochs", sum(outcome.epochs for outcome in trained if outcome.has_epochs))
        return self._value(trial, trained)

    def _outcomes(self, values: Mapping[str, object]) -> Sequence[Outcome]:
        method, training = applied(self.experiment.method, self.experiment.training, values)
        evaluator = Evaluator(
            method, training, self.task, self.take(method), seed=self.experiment.seed, numerics=self.experiment.numerics
        )
        todo = [
            Trial(fold=self.fold, kind=f"tuning {number}", train=train, watch=watch)
            for number, (train, watch) in enumerate(self.splits, 1)
        ]
        return evaluator.outcomes(todo, self.on_epoch)  # type: ignore[return-value]

    def _report(self, trial: optuna.Trial, trained: Sequence[Outcome]) -> None:
        """Tell the pruner; higher is better, so it is told negative log loss."""
        last = trained[-1]
        if self.pruner == "hyperband":
            # the epochs of the first inner fold: a trial that is stopped is spared the others
            for epoch, probabilities in enumerate(last.probabilities if len(trained) == 1 else (), 1):
                trial.report(-log_loss(probabilities, last.truth), epoch)
                _stop_if_asked(trial, trained, self.splits)
            return
        losses = [log_loss(probabilities, last.truth) for probabilities in last.probabilities]
        trial.report(-min(losses), len(trained))
        _stop_if_asked(trial, trained, self.splits)

    def _value(self, trial: optuna.Trial, trained: Sequence[Outcome]) -> float:
        points = min(outcome.epochs for outcome in trained)
        pooled = Inner(
            probabilities=np.concatenate([outcome.probabilities[:points] for outcome in trained], axis=1),
            truth=np.concatenate([outcome.truth for outcome in trained]),
        )
        epoch = inner_epoch(pooled)
        chosen = pooled.probabilities[epoch]
        trial.set_user_attr("epoch", epoch + 1)
        trial.set_user_attr("log_loss", log_loss(chosen, pooled.truth))
        return float(pooled_uf1(pooled.truth, chosen.argmax(axis=1), chosen.shape[1]))


def _stop_if_asked(trial: optuna.Trial, trained: Sequence[Outcome], splits: Sequence[Split]) -> None:
    if len(trained) < len(splits) and trial.should_prune():
        raise optuna.TrialPruned(f"after {len(trained)} of {len(splits)} inner folds")


def is_out_of_memory(fault: BaseException) -> bool:
    """Whether an error says that the device or the machine has no memory left."""
    told = str(fault).lower()
    return isinstance(fault, MemoryError) or "out of memory" in told or "can't allocate memory" in told


def _free_memory() -> None:
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
