"""A prepared experiment carried out in its folder, resumed where it stopped, and kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from merbench.errors import StoreError
from merbench.experiments.checkpoints import WeightKeeper
from merbench.experiments.evaluate import Evaluator, OnEpoch, Trial, trials
from merbench.experiments.events import Observer
from merbench.experiments.experiment import Experiment
from merbench.experiments.manifest import manifest_of
from merbench.experiments.prepare import Prepared
from merbench.experiments.resuming import add_rules, resumed
from merbench.results.fold_result import Outcome
from merbench.results.provenance import digest
from merbench.results.run import Run
from merbench.results.store import Store

#: What trains the folds that are ahead: the outcome of every trial, each as soon as it is done.
Trainer = Callable[[Prepared, Sequence[Trial], OnEpoch], Iterator[Outcome]]


def carry_out(
    prepared: Prepared,
    *,
    out: Path | str | None,
    runs: Path | str,
    observer: Observer,
    trainer: Trainer | None = None,
    wait: bool = False,
    keep_weights: bool = False,
) -> Run:
    """The complete run of a prepared experiment, in its folder; with `wait`, once no other process works there.

    Networks are kept only of folds that are trained here, without a `trainer`.

    Raises:
        StoreError: if the folder belongs to another run, or cannot be written.
    """
    store = place(prepared, out, runs)
    with store.locked(wait=wait):
        prepared = _begun(prepared, store, observer if trainer is None else None)
        _train(prepared, store, observer, trainer, keep_weights)
        finished = Run.load(store.path)
        store.write_record(finished.record())
    return finished


def place(prepared: Prepared, out: Path | str | None, runs: Path | str) -> Store:
    """Where a prepared experiment's record lies, or will.

    Raises:
        StoreError: if other files are there.
    """
    identity = digest(prepared.experiment.description(prepared.task))
    store = Store(Path(out) if out else Path(runs) / _folder(prepared.experiment, identity))
    if store.is_foreign:  # before the lock, which would leave a file there
        raise StoreError(f"{store.path} holds other files and no run; name an empty or new folder with --out.")
    return store


def begin(prepared: Prepared, store: Store) -> Prepared:
    """The experiment as its folder holds it, which is begun if need be; it computes as an earlier start did.

    Raises:
        StoreError: if the folder belongs to another run, or cannot be written.
    """
    with store.locked(wait=True):
        return _begun(prepared, store, None)


def _begun(prepared: Prepared, store: Store, observer: Observer | None) -> Prepared:
    description = prepared.experiment.description(prepared.task)
    identity = digest(description)
    prepared, begun = resumed(prepared, store, identity)
    if not begun:
        prepared = _packed(prepared, observer)
        store.write_manifest(manifest_of(prepared, description, identity))
    else:
        add_rules(store, prepared.experiment.rules)
    return prepared


def _folder(experiment: Experiment, identity: str) -> str:
    names = "+".join(experiment.by_dataset)
    method = experiment.method.name.replace(":", "_")  # which means a host to tools that copy folders
    return f"{method}-{experiment.protocol.name}-{names}-seed{experiment.seed}-{identity[:8]}"


def _every(prepared: Prepared) -> list[Trial]:
    kinds = ("outer", "inner") if "inner" in prepared.experiment.rules else ("outer",)
    return trials(prepared.task, prepared.folds, kinds)


def _packed(prepared: Prepared, observer: Observer | None) -> Prepared:
    """The experiment with what its numerics left open measured, if its folds are trained here."""
    experiment = prepared.experiment
    numerics = experiment.numerics
    if numerics is None or not numerics.open:
        return prepared
    if observer is None:
        numerics = numerics.unmeasured()
    else:
        numerics = evaluator_of(prepared).measured(_every(prepared), observer.note)
    return dataclasses.replace(prepared, experiment=dataclasses.replace(experiment, numerics=numerics))


def _train(prepared: Prepared, store: Store, observer: Observer, trainer: Trainer | None, keep_weights: bool) -> None:
    every = _every(prepared)
    keeper = WeightKeeper(prepared.experiment.method, store) if keep_weights else None

    def done(trial: Trial) -> bool:
        return store.has(trial.kind, trial.fold) and (keeper is None or keeper.has(trial))

    kept = [store.read(trial.kind, trial.fold) for trial in every if done(trial)]
    todo = [trial for trial in every if not done(trial)]
    observer.begins(store, todo, kept)
    evaluator = evaluator_of(prepared, keeper)

    def here(_: Prepared, todo: Sequence[Trial], on_epoch: OnEpoch) -> Iterator[Outcome]:
        return evaluator.outcomes(todo, on_epoch, among=every, on_note=observer.note)

    for outcome in (trainer or here)(prepared, todo, observer.epoch):
        if evaluator.numerics != prepared.experiment.numerics and evaluator.numerics is not None:
            store.write_manifest({**store.read_manifest(), "numerics": asdict(evaluator.numerics)})
        if keeper is not None:
            keeper.keep(outcome)  # first, so that a fold whose outcome is there has its weights
        if not store.has(outcome.kind, outcome.fold):
            store.write(outcome)
        observer.outcome(outcome)


def trained(prepared: Prepared, todo: Sequence[Trial], on_epoch: OnEpoch) -> Iterator[Outcome]:
    """The outcome of every trial, in order, trained in this process."""
    return evaluator_of(prepared).outcomes(todo, on_epoch)


def evaluator_of(prepared: Prepared, keeper: WeightKeeper | None = None) -> Evaluator:
    """What trains and tests the folds of a prepared experiment in this process."""
    experiment = prepared.experiment
    return Evaluator(
        experiment.method,
        experiment.training,
        prepared.task,
        prepared.inputs,
        seed=experiment.seed,
        numerics=experiment.numerics,
        on_trained=(lambda trial, network: None) if keeper is None else keeper.take,
    )
