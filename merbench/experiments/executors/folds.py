"""Folds trained by an executor's workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from merbench.experiments.evaluate import OnEpoch
from merbench.experiments.executors.base import Executor
from merbench.experiments.executors.request import Request
from merbench.experiments.executors.worker import TRAIN, FoldPayload
from merbench.experiments.fold_runs import FoldRun
from merbench.experiments.prepare import Prepared
from merbench.results.fold_result import FoldResult


class SpreadTrainer:
    """The outcomes of folds, each trained by a worker; `job` trains one, given what `by_fold` has for it."""

    def __init__(
        self, executor: Executor, request: Request, job: str = TRAIN, by_fold: Mapping[str, Any] | None = None
    ) -> None:
        self._executor, self._request, self._job, self._by_fold = executor, request, job, by_fold or {}

    def __call__(self, prepared: Prepared, todo: Sequence[FoldRun], on_epoch: OnEpoch) -> Iterator[FoldResult]:
        """The outcome of every fold run, each as soon as it is done."""
        del on_epoch  # workers report whole folds
        request = self._request.of(prepared.experiment)
        payloads = [
            FoldPayload(
                request=request,
                fold=fold_run.fold,
                kind=fold_run.kind,
                labels=prepared.task.fingerprint,
                parameters=self._by_fold.get(fold_run.fold),
            )
            for fold_run in todo
        ]
        yield from self._executor.results(self._job, payloads)
