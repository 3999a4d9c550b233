"""What a worker process does: it runs a job by its dotted name, and keeps the experiment that it prepared last."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from merbench.errors import ProtocolError
from merbench.experiments.executors.base import Payload, job_named
from merbench.experiments.executors.request import Request

if TYPE_CHECKING:
    from merbench.experiments.execute import Trainer
    from merbench.experiments.prepare import Prepared
    from merbench.results.fold_result import FoldResult

#: The job that trains one fold with the experiment's parameters.
TRAIN = "merbench.experiments.executors.worker:train"

_PREPARED: dict[str, Prepared] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldPayload:
    """One fold of an experiment to be trained; `labels` is the fingerprint of the clips that the sender has.

    `parameters` are of the fold alone, in the form that the job expects, and None where the experiment's are used.
    """

    request: Request
    fold: str
    kind: str
    labels: str
    parameters: Any = None


def begin_process() -> None:
    """Set what a fresh process needs before it computes anything."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends them to all; the process that waits ends this one


def run_job(job: str, payload: Payload) -> Any:
    """What the job of that name returns for a payload."""
    return job_named(job)(payload)


def train(payload: FoldPayload) -> FoldResult:
    """The outcome of one fold of an experiment, trained with the experiment's parameters."""
    from merbench.experiments.execute import trained

    return train_with(trained, payload)


def train_with(trainer: Trainer, payload: FoldPayload) -> FoldResult:
    """The outcome of one fold of an experiment by a trainer.

    Raises:
        ProtocolError: if this machine's data give other clips than the sender's.
    """
    from merbench.experiments.fold_runs import fold_runs

    prepared = prepared_for(payload.request)
    if prepared.task.fingerprint != payload.labels:
        raise ProtocolError(
            f"This worker's clips are not those of the run (labels {prepared.task.fingerprint} here, "
            f"{payload.labels} there); give every machine the same data at the same place."
        )
    folds = [fold for fold in prepared.folds if fold.name == payload.fold]
    todo = fold_runs(prepared.task, folds, (payload.kind,), prepared.experiment.seed)
    [outcome] = trainer(prepared, todo, lambda fold, epoch: None)
    return outcome


def prepared_for(request: Request) -> Prepared:
    """The prepared experiment of a request, the same one as long as requests are for that experiment."""
    from merbench.experiments.events import Observer
    from merbench.experiments.prepare import prepare

    key = request.key()
    if key not in _PREPARED:
        _PREPARED.clear()  # one experiment at a time: inputs may be large
        _PREPARED[key] = prepare(request.experiment(), Observer())
    return _PREPARED[key]
