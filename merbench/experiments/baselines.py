"""Control methods on the folds of a run, to set beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from merbench.experiments.evaluate import trials
from merbench.experiments.execute import evaluator_of
from merbench.experiments.manifest import manifest_of
from merbench.experiments.prepare import Prepared
from merbench.method import FittedMethod, Method
from merbench.registry import methods
from merbench.results.provenance import digest
from merbench.results.run import Run


def controls(prepared: Prepared, epochs: int) -> list[Run]:
    """The control methods that see nothing, on the same folds, in memory; those with epochs get as many as the run."""
    found = []
    for kind in methods.entries():
        if kind.family != "control" or not issubclass(kind, FittedMethod) or kind().inputs():
            continue
        given = {"epochs": epochs} if "epochs" in kind.Parameters.names() else {}
        found.append(_control(prepared, kind(kind.Parameters().changed(given)), given))
    return found


def _control(prepared: Prepared, method: Method, given: Mapping[str, object]) -> Run:
    experiment = dataclasses.replace(
        prepared.experiment,
        method=method,
        method_origin=methods.origins[method.name],
        training=None,
        numerics=None,
        tuning=None,
        tuned="",
        rules=("last", "oracle"),
        changed={**{name: value for name, value in prepared.experiment.changed.items() if "." in name}, **given},
    )
    prepared = dataclasses.replace(prepared, experiment=experiment, inputs=None)
    description = experiment.description(prepared.task)
    todo = trials(prepared.task, prepared.folds, ("outer",))
    outcomes = tuple(evaluator_of(prepared).outcomes(todo))
    return Run(manifest=manifest_of(prepared, description, digest(description)), outer=outcomes, inner=())
