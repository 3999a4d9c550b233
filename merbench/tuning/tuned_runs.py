"""Runs with tuned parameters, by their specification: read from a file, or tuned for the run."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from merbench.errors import UsageError
from merbench.experiments.duration import ExpectedDuration
from merbench.experiments.events import Observer
from merbench.experiments.execute import Trainer
from merbench.experiments.executors import executor_of
from merbench.experiments.executors.folds import SpreadTrainer
from merbench.experiments.executors.request import request
from merbench.experiments.executors.threads import divided
from merbench.experiments.prepare import Prepared
from merbench.experiments.runs import Execution, Finished, Spread, require_names
from merbench.method import Method
from merbench.spec import RunSettings, RunSpec
from merbench.tuning.config import TuningConfig
from merbench.tuning.distributed import DistributedTuning
from merbench.tuning.nested import check_tuning, tune, tuning_of
from merbench.tuning.params_file import arguments_with, with_tuned
from merbench.tuning.problem import TuneObserver
from merbench.tuning.tuned_training import TRAIN_TUNED, TunedTrainer


class TunedFileParameters:
    """The parameters in a `tuned.toml`, for the runs of one specification."""

    def __init__(self, spec: RunSpec) -> None:
        file = Path(str(spec.tuned))
        self._tuned, recipe, settings = arguments_with(file, spec.recipe, spec.settings.flat(), spec.rules)
        self.spec = dataclasses.replace(spec, recipe=recipe, settings=RunSettings.parse(settings))

    def assigned(self, prepared: Prepared, spread: Spread | None) -> tuple[Prepared, Trainer]:
        """The experiment with the parameters tuned for it, and what trains its folds."""
        prepared, assigned = with_tuned(prepared, self._tuned)
        if spread is None:
            return prepared, TunedTrainer(assigned.by_fold)
        return prepared, SpreadTrainer(spread.executor, spread.request, TRAIN_TUNED, assigned.by_fold)


def tune_spec(
    spec: RunSpec,
    config: TuningConfig,
    space: Path | None,
    execution: Execution,
    observer: TuneObserver | None = None,
    method: Method | type[Method] | None = None,
) -> Finished:
    """The tuned run of a specification; see `merbench.tune`.

    Raises:
        MerbenchError: for names, settings, data, spaces or folders that cannot be used.
    """
    _require_tunable(spec)
    executor = executor_of(execution.executor, execution.workers, spec.compute.device)
    require_names(executor, method)
    observer = observer or TuneObserver()
    run_request = request(spec)
    tuning = tuning_of(divided(run_request.experiment(method), executor), config, space, observer)
    spread = None if executor is None else DistributedTuning(executor, run_request)
    try:
        tuned = tune(tuning, out=execution.out, runs=execution.runs, observer=observer, spread=spread)
    finally:
        observer.close()
    return Finished(run=tuned, prepared=tuning.prepared)


def check_tune(
    spec: RunSpec, config: TuningConfig, space: Path | None, execution: Execution, observer: Observer
) -> tuple[tuple[str, ...], ExpectedDuration | None]:
    """The names of the studies of the tuned run of a specification, and its duration if known; nothing is written.

    Raises:
        MerbenchError: for names, settings, data, spaces or folders that cannot be used.
    """
    _require_tunable(spec)
    executor = executor_of(execution.executor, execution.workers, spec.compute.device)
    experiment = divided(request(spec).experiment(), executor)
    return check_tuning(experiment, config, space, observer, None if execution.out is None else Path(execution.out))


def _require_tunable(spec: RunSpec) -> None:
    if spec.tuned is not None or spec.rules is not None:
        raise UsageError("tuning chooses parameters and epochs itself; leave out tuned and rules.")
    if spec.weights is not None or spec.allow_overlap:
        raise UsageError("tuning trains networks anew; leave out weights and allow_overlap.")
