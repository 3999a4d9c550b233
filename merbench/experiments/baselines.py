"""Control methods on the folds of a run, to set beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from merbench.experiments.execute import evaluator_of
from merbench.experiments.fold_runs import fold_runs
from merbench.experiments.header import header_of
from merbench.experiments.prepare import Prepared
from merbench.experiments.starting_weights import Starts
from merbench.method import FittedMethod, Method
from merbench.registry import methods
from merbench.results.run import Run
from merbench.spec import ComputeOptions, RunSpec, SettingValue


def controls(prepared: Prepared, epochs: int) -> list[Run]:
    """The control methods that see nothing, on the same folds, in memory; those with epochs get as many as the run."""
    runs = []
    for kind in methods.entries():
        if kind.family != "control" or not issubclass(kind, FittedMethod) or kind().inputs():
            continue
        settings = {"epochs": epochs} if "epochs" in kind.Parameters.names() else {}
        runs.append(_control(prepared, kind(kind.Parameters().changed(settings)), settings))
    return runs


def _spec(spec: RunSpec, method: Method, settings: Mapping[str, SettingValue]) -> RunSpec:
    own = dataclasses.replace(spec.settings, method=settings, by_method={})
    return dataclasses.replace(
        spec,
        method=method.name,
        recipe=None,
        settings=own,
        rules=("last", "oracle"),
        thresholds="0.5",
        tuned=None,
        weights=None,
        allow_overlap=False,
        compute=ComputeOptions(),
    )


def _control(prepared: Prepared, method: Method, settings: Mapping[str, SettingValue]) -> Run:
    experiment = dataclasses.replace(
        prepared.experiment,
        spec=_spec(prepared.experiment.spec, method, settings),
        method=method,
        method_origin=methods.origins[method.name],
        training=None,
        numerics=None,
        tuning=None,
        tuned="",
        start=None,
        rules=("last", "oracle"),
        changed={**{name: value for name, value in prepared.experiment.changed.items() if "." in name}, **settings},
    )
    prepared = dataclasses.replace(prepared, experiment=experiment, inputs=None, starts=Starts())
    todo = fold_runs(prepared.task, prepared.folds, ("outer",))
    outcomes = tuple(evaluator_of(prepared).outcomes(todo))
    return Run(header=header_of(prepared), outer=outcomes, inner=())
