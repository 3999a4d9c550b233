"""Folds trained by an executor's workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from merbench.experiments.evaluate import OnEpoch, Trial
from merbench.experiments.executors.base import Executor
from merbench.experiments.executors.request import Request
from merbench.experiments.prepare import Prepared
from merbench.results.fold_result import Outcome

if TYPE_CHECKING:
    from merbench.tuning.tuned_file import Chosen


class SpreadTrainer:
    """The outcomes of folds, each trained by a worker; `chosen` has the parameters of each fold, where tuned."""

    def __init__(self, executor: Executor, request: Request, chosen: Mapping[str, Chosen] | None = None) -> None:
        self._executor, self._request, self._chosen = executor, request, chosen

    def __call__(self, prepared: Prepared, todo: Sequence[Trial], on_epoch: OnEpoch) -> Iterator[Outcome]:
        """The outcome of every trial, each as soon as it is done."""
        del on_epoch  # workers tell of whole folds
        sent = self._request.of(prepared.experiment).sent()
        yield from self._executor.results("train", [self._payload(sent, prepared, trial) for trial in todo])

    def _payload(self, sent: Mapping[str, Any], prepared: Prepared, trial: Trial) -> dict[str, Any]:
        chosen = None if self._chosen is None else asdict(self._chosen[trial.fold])
        labels = prepared.task.fingerprint
        return {"request": sent, "fold": trial.fold, "kind": trial.kind, "labels": labels, "chosen": chosen}
