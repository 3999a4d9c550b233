"""Several runs, one after the other, by their specifications."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from merbench.errors import UsageError
from merbench.experiments.checkpoints import require_weights
from merbench.experiments.events import Observer
from merbench.experiments.execute import Trainer, carry_out, require_own
from merbench.experiments.executors import executor_of
from merbench.experiments.executors.folds import SpreadTrainer
from merbench.experiments.executors.request import Request, request
from merbench.experiments.executors.threads import divided
from merbench.experiments.prepare import Prepared, prepare
from merbench.method import Method, NetworkMethod
from merbench.results.provenance import digest
from merbench.results.run import Run
from merbench.results.store import Store
from merbench.spec import ExecutorName, RunSpec

if TYPE_CHECKING:
    from merbench.experiments.executors import Executor
    from merbench.experiments.experiment import Experiment


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What trains the folds of runs, and where records are written; none of it changes a result."""

    executor: ExecutorName = "local"
    workers: int | None = None
    keep_weights: bool = False
    out: Path | str | None = None
    runs: Path | str = "runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A finished run, with the prepared experiment that it was made from."""

    run: Run
    prepared: Prepared

    @property
    def task(self) -> str:
        """What distinguishes its clips, folds and inputs' alignment from those of other tasks."""
        content = self.prepared.experiment.description(self.prepared.task).as_dict()
        names = ("protocol", "protocol_parameters", "datasets", "scheme", "labels", "alignment", "left_out")
        return digest({name: content.get(name) for name in names})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """An executor, and the request that its workers are sent."""

    executor: Executor
    request: Request


class TunedParameters(Protocol):
    """Parameters tuned before, fold by fold; `spec` is the specification with the settings that they build on."""

    spec: RunSpec

    def assigned(self, prepared: Prepared, spread: Spread | None) -> tuple[Prepared, Trainer]:
        """The experiment with the parameters tuned for it, and what trains its folds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedRun:
    """A specification with what it describes: every name looked up, every setting checked."""

    experiment: Experiment
    spread: Spread | None
    tuned: TunedParameters | None


def run_all(
    specs: Sequence[RunSpec],
    execution: Execution,
    observers: Callable[[], Observer] = Observer,
    method: Method | type[Method] | None = None,
    read_tuned: Callable[[RunSpec], TunedParameters] | None = None,
) -> Iterator[Finished]:
    """The runs of the specifications, each as soon as it is complete; all are checked before any is trained.

    `observers` makes the observer of each run. `method` is a class or an instance that the only specification names.
    `read_tuned` reads the parameters of specifications that name a file of tuned ones.

    Raises:
        MerbenchError: for names, settings, data or folders that cannot be used.
    """
    for each in resolve_all(specs, execution, method, read_tuned):
        observer = observers()
        try:
            yield _finished(each, execution, observer)
        finally:
            observer.close()


def resolve_all(
    specs: Sequence[RunSpec],
    execution: Execution,
    method: Method | type[Method] | None = None,
    read_tuned: Callable[[RunSpec], TunedParameters] | None = None,
) -> list[ResolvedRun]:
    """The runs of the specifications, checked before any data is read; the arguments are those of `run_all`.

    Raises:
        MerbenchError: for names, settings or folders that cannot be used.
    """
    device = specs[0].compute.device if specs else "cpu"
    executor = executor_of(execution.executor, execution.workers, device)
    if execution.out is not None:
        if len(specs) > 1:
            raise UsageError("--out names the folder of one run; with several methods or seeds use --runs-dir DIR.")
        require_own(Store(Path(execution.out)))
    resolved = [_resolved(spec, executor, method, read_tuned) for spec in specs]
    _require_possible(resolved, execution, executor, method)
    return resolved


def _resolved(
    spec: RunSpec,
    executor: Executor | None,
    method: Method | type[Method] | None,
    read_tuned: Callable[[RunSpec], TunedParameters] | None,
) -> ResolvedRun:
    tuned = None
    if spec.tuned is not None and read_tuned is not None:
        tuned = read_tuned(spec)
    sent = request(spec if tuned is None else tuned.spec)
    experiment = divided(sent.experiment(method), executor)
    if tuned is not None:
        experiment = dataclasses.replace(experiment, spec=spec)
    spread = None if executor is None else Spread(executor=executor, request=sent)
    return ResolvedRun(experiment=experiment, spread=spread, tuned=tuned)


def _require_possible(
    resolved: Sequence[ResolvedRun], execution: Execution, executor: Executor | None, method: object
) -> None:
    require_names(executor, method)
    if any(each.tuned is not None and each.experiment.start is not None for each in resolved):
        raise UsageError("--tuned chooses epochs of networks that start anew; leave out --weights, or --tuned.")
    if not execution.keep_weights:
        return
    if not any(isinstance(each.experiment.method, NetworkMethod) for each in resolved):
        require_weights(resolved[0].experiment.method)
    if executor is not None or any(each.tuned is not None for each in resolved):
        raise UsageError("keep_weights keeps networks of this process; leave out --executor and --tuned with it.")


def require_names(executor: Executor | None, method: object) -> None:
    """Refuse an executor for a class or an instance that is in no registry.

    Raises:
        UsageError: if both are given.
    """
    if executor is not None and method is not None:
        raise UsageError(
            f"method={method!r} lives in this process, and an executor's workers are sent names, never objects: "
            'leave out executor, or put the class into a file and give its name with plugins=["FILE.py"].'
        )


def _finished(resolved: ResolvedRun, execution: Execution, observer: Observer) -> Finished:
    method = resolved.experiment.method
    keep = execution.keep_weights and isinstance(method, NetworkMethod)
    if execution.keep_weights and not keep:
        observer.note(f"--keep-weights: {method.name} is no network and has none to keep")
    prepared, trainer = _trainer(resolved, prepare(resolved.experiment, observer))
    if resolved.tuned is not None:
        observer.note(f"parameters: {prepared.experiment.tuned}")
    finished = carry_out(
        prepared, out=execution.out, runs=execution.runs, observer=observer, trainer=trainer, keep_weights=keep
    )
    return Finished(run=finished, prepared=prepared)


def _trainer(resolved: ResolvedRun, prepared: Prepared) -> tuple[Prepared, Trainer | None]:
    """The experiment with the parameters tuned for it, and what trains its folds; None for the usual way, here."""
    if resolved.tuned is not None:
        return resolved.tuned.assigned(prepared, resolved.spread)
    spread = resolved.spread
    return prepared, None if spread is None else SpreadTrainer(spread.executor, spread.request)
