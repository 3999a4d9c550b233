"""A prepared experiment carried out in its folder, resumed where it stopped, and kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.errors import StoreError
from merbench.experiments.checkpoints import WeightKeeper
from merbench.experiments.duration import expected_duration
from merbench.experiments.evaluate import Evaluator, OnEpoch
from merbench.experiments.events import Observer
from merbench.experiments.experiment import Experiment
from merbench.experiments.fold_runs import FoldRun, fold_runs
from merbench.experiments.header import header_of
from merbench.experiments.kept_numerics import kept_numerics
from merbench.experiments.prepare import Prepared, seen_by
from merbench.results.fold_result import FoldResult
from merbench.results.header import NumericsRecord
from merbench.results.provenance import uncommitted
from merbench.results.run import Run
from merbench.results.store import Store
from merbench.selection import RULES, Rule

if TYPE_CHECKING:
    from torch import nn

#: Steps of training from which on the duration of a run is estimated: a few are taken to time them, so 2 % at most.
_WORTH = 500
#: What trains the folds that are ahead: the outcome of every fold run, each as soon as it is done.
Trainer = Callable[[Prepared, Sequence[FoldRun], OnEpoch], Iterator[FoldResult]]


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
        asked = prepared.experiment.numerics
        prepared = _begun(prepared, store, observer if trainer is None else None)
        if kept := kept_numerics(asked, prepared.experiment.numerics):
            observer.note(kept)
        _say_uncommitted(prepared.experiment, store, observer)
        _train(prepared, store, observer, trainer, keep_weights)
        finished = Run.load(store.path)
        store.write_record(finished.record())
        observer.complete(finished)
    return finished


def _say_uncommitted(experiment: Experiment, store: Store, observer: Observer) -> None:
    """Say before the training that code is uncommitted, of which no leaderboard takes records."""
    if store.read_header().code.dirty:
        files = uncommitted(experiment.plugin_files) or ["committed since"]
        more = f" and {len(files) - 3} more" if len(files) > 3 else ""
        observer.note(
            f"uncommitted code ({', '.join(files[:3])}{more}): no leaderboard takes the record; commit first, then run "
            "into a new folder"
        )


def place(prepared: Prepared, out: Path | str | None, runs: Path | str) -> Store:
    """Where a prepared experiment's record is, or will be.

    Raises:
        StoreError: if other files are there.
    """
    identity = prepared.experiment.description(prepared.task).identity
    store = Store(Path(out) if out else Path(runs) / _folder(prepared.experiment, identity))
    require_own(store)  # before the lock, which would leave a file there
    return store


def require_own(store: Store) -> None:
    """Refuse a folder that holds anything but a run.

    Raises:
        StoreError: if other files are there.
    """
    if store.is_foreign:
        raise StoreError(f"{store.path} holds other files and no run; name an empty or new folder with --out.")


def begin(prepared: Prepared, store: Store) -> Prepared:
    """The experiment as its folder holds it, which is begun if need be; it computes as an earlier start did.

    Raises:
        StoreError: if the folder belongs to another run, or cannot be written.
    """
    with store.locked(wait=True):
        return _begun(prepared, store, None)


def _begun(prepared: Prepared, store: Store, observer: Observer | None) -> Prepared:
    identity = prepared.experiment.description(prepared.task).identity
    prepared, begun = _resumed(prepared, store, identity)
    if not begun:
        prepared = _packed(prepared, observer)
        store.write_header(header_of(prepared))
    else:
        _add_rules(store, prepared.experiment.rules)
    return prepared


def _resumed(prepared: Prepared, store: Store, identity: str) -> tuple[Prepared, bool]:
    """The experiment with the numerics of an earlier start in that folder, and whether there was one.

    Raises:
        StoreError: if the folder holds another run, other frames, or folds that were computed otherwise.
    """
    if not store.exists:
        return prepared, False
    header = store.read_header()
    if header.identity != identity:
        differing = prepared.experiment.description(prepared.task).differences(header.description)
        raise StoreError(
            f"{store.path} holds another run (it differs in {', '.join(differing)}); name another folder with --out."
        )
    if header.frames != dict(prepared.frames_fingerprint):
        raise StoreError(
            f"{store.path} was made from other frames: files under the data folder changed since. "
            "Put them back, or name another folder with --out."
        )
    return _with_numerics(prepared, header.numerics, store), True


def _with_numerics(prepared: Prepared, record: NumericsRecord | None, store: Store) -> Prepared:
    numerics = prepared.experiment.numerics
    if numerics is None or record is None:
        return prepared
    recorded = record.as_dict()
    adopted = numerics.adopting(recorded)
    if differences := adopted.differences(recorded):
        raise StoreError(
            f"{store.path} was computed otherwise ({differences}), and mixed folds would not be one result. "
            "Go on where it was begun, or start anew with --out."
        )
    return dataclasses.replace(prepared, experiment=dataclasses.replace(prepared.experiment, numerics=adopted))


def _add_rules(store: Store, rules: Sequence[Rule]) -> None:
    """Take further rules into the header of a run."""
    header = store.read_header()
    merged = tuple(rule for rule in RULES if rule in {*header.rules, *rules})
    if merged != header.rules:
        store.write_header(header.updated(rules=merged))


def _folder(experiment: Experiment, identity: str) -> str:
    names = "+".join(experiment.by_dataset)
    method = experiment.method.name.replace(":", "_")  # which means a host to tools that copy folders
    return f"{method}-{experiment.protocol.name}-{names}-seed{experiment.seed}-{identity[:8]}"


def all_fold_runs(prepared: Prepared) -> list[FoldRun]:
    """All trainings of a run."""
    experiment = prepared.experiment
    return fold_runs(prepared.task, prepared.folds, experiment.kinds, experiment.seed)


def _packed(prepared: Prepared, observer: Observer | None) -> Prepared:
    """The experiment with what its numerics left open measured, if its folds are trained here."""
    experiment = prepared.experiment
    numerics = experiment.numerics
    if numerics is None or not numerics.open:
        return prepared
    if observer is None:
        numerics = numerics.without_autotuning()
    else:
        numerics = evaluator_of(prepared).measured(all_fold_runs(prepared), observer.note)
    return dataclasses.replace(prepared, experiment=dataclasses.replace(experiment, numerics=numerics))


def _train(prepared: Prepared, store: Store, observer: Observer, trainer: Trainer | None, keep_weights: bool) -> None:
    every = all_fold_runs(prepared)
    keeper = WeightKeeper(prepared.experiment.method, store, seen_by(prepared)) if keep_weights else None

    def done(fold_run: FoldRun) -> bool:
        return store.has(fold_run.kind, fold_run.fold) and (keeper is None or keeper.has(fold_run))

    reused = [store.read(fold_run.kind, fold_run.fold) for fold_run in every if done(fold_run)]
    todo = [fold_run for fold_run in every if not done(fold_run)]
    observer.begins(store, todo, reused)
    evaluator = evaluator_of(prepared, _ignored if keeper is None else keeper.take)
    if trainer is None and (expected := expected_duration(evaluator, todo, least_steps=_WORTH)) is not None:
        observer.note(expected.sentence)

    def here(_: Prepared, todo: Sequence[FoldRun], on_epoch: OnEpoch) -> Iterator[FoldResult]:
        return evaluator.outcomes(todo, on_epoch, among=every, on_note=observer.note)

    for outcome in (trainer or here)(prepared, todo, observer.epoch):
        if evaluator.numerics != prepared.experiment.numerics and evaluator.numerics is not None:
            store.write_header(store.read_header().updated(numerics=NumericsRecord.of(evaluator.numerics)))
        if keeper is not None:
            keeper.keep(outcome)  # first, so that a fold whose outcome is there has its weights
        if not store.has(outcome.kind, outcome.fold):
            store.write(outcome)
        observer.outcome(outcome)


def trained(prepared: Prepared, todo: Sequence[FoldRun], on_epoch: OnEpoch) -> Iterator[FoldResult]:
    """The outcome of every fold run, in order, trained in this process."""
    return evaluator_of(prepared).outcomes(todo, on_epoch)


def _ignored(fold_run: FoldRun, network: nn.Module) -> None:
    """What is done with a trained network that nobody keeps."""


def evaluator_of(prepared: Prepared, on_trained: Callable[[FoldRun, nn.Module], None] = _ignored) -> Evaluator:
    """What trains and tests the folds of a prepared experiment in this process; `on_trained` receives each network."""
    experiment = prepared.experiment
    evaluator = Evaluator(
        experiment.method,
        experiment.training,
        prepared.task,
        prepared.inputs,
        seed=experiment.seed,
        numerics=experiment.numerics,
        on_trained=on_trained,
    )
    evaluator.start_of = prepared.starts.of
    return evaluator
