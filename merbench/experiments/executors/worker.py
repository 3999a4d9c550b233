"""What a worker does; it is told in plain data, and keeps what it prepared for the experiment's next piece."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merbench.errors import ProtocolError
from merbench.experiments.executors.request import Request
from merbench.results.fold_result import Outcome

if TYPE_CHECKING:
    from merbench.experiments.prepare import Prepared

_KEPT: dict[str, Prepared] = {}


def begin_process() -> None:
    """What a fresh process needs before it computes anything."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def carry_out(work: str, payload: Mapping[str, Any]) -> Any:
    """What the work of that name gives."""
    return {"train": train, "serve": serve}[work](payload)


def train(payload: Mapping[str, Any]) -> Outcome:
    """The outcome of one fold of an experiment, with the parameters that were chosen for it, if any.

    Raises:
        ProtocolError: if this machine's data give other clips than the sender's.
    """
    from merbench.experiments.evaluate import trials
    from merbench.experiments.execute import trained

    prepared = _prepared(payload["request"])
    if prepared.task.fingerprint != payload["labels"]:
        raise ProtocolError(
            f"This worker's clips are not those of the run (labels {prepared.task.fingerprint} here, "
            f"{payload['labels']} there); give every machine the same data at the same place."
        )
    folds = [fold for fold in prepared.folds if fold.name == payload["fold"]]
    todo = trials(prepared.task, folds, (payload["kind"],))
    trainer = trained
    if payload["chosen"] is not None:
        from merbench.tuning.tuned_file import Chosen
        from merbench.tuning.tuned_training import TunedTrainer

        trainer = TunedTrainer({payload["fold"]: Chosen(**payload["chosen"])})
    [outcome] = trainer(prepared, todo, lambda fold, epoch: None)
    return outcome


def serve(payload: Mapping[str, Any]) -> int:
    """Take trials off the storage until all studies are complete; how many this worker finished."""
    from merbench.results.store import Store
    from merbench.tuning.nested import FOLDER, Count, Tuning, carry_out_studies
    from merbench.tuning.plan import Plan
    from merbench.tuning.space import Space
    from merbench.tuning.storage import storage_at

    tuning = Tuning(
        prepared=_prepared(payload["request"]), plan=Plan(**payload["plan"]), space=Space.from_sent(payload["space"])
    )
    counted = Count()
    store, plan = Store(Path(payload["folder"])), tuning.plan
    with storage_at(plan.storage, store.path / FOLDER, plan.heartbeat) as storage:
        carry_out_studies(tuning, store, storage, counted)
    return counted.trials


def _prepared(sent: Mapping[str, Any]) -> Prepared:
    from merbench.experiments.events import Observer
    from merbench.experiments.prepare import prepare

    request = Request(**sent)
    name = json.dumps([request.arguments, request.numerics, request.tuning], sort_keys=True, default=str)
    if name not in _KEPT:
        _KEPT.clear()  # one experiment at a time: inputs may be large
        _KEPT[name] = prepare(request.experiment(), Observer())
    return _KEPT[name]
