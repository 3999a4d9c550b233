"""A finished run opened again: its experiment, clips, folds and inputs, held to what the run says that they were."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from merbench.errors import MerbenchError, StoreError, UnknownName
from merbench.experiments.events import Observer
from merbench.experiments.experiment import Experiment
from merbench.experiments.prepare import Prepared, prepare
from merbench.experiments.resolve import resolve
from merbench.inputs.alignment.spec import Alignment
from merbench.method import Method
from merbench.registry import methods
from merbench.results.run import Run

#: What may differ where the networks are at hand already: the engine that trained them.
_OF_TRAINING = ("engine",)


def reopened(
    run: Run,
    *,
    data: Mapping[str, Path | str] | Path | str | None = None,
    device: str = "auto",
    trained: bool,
    observer: Observer | None = None,
) -> Prepared:
    """The experiment of a run with its clips labelled, its folds audited and its inputs at hand.

    `data` is where its datasets lie now, which a run does not keep. `trained` says that networks need not be trained
    anew, so that the engine that trained them may be another one.

    Raises:
        StoreError: if data, entries or versions are not those that the run was made from.
    """
    experiment = _experiment(run, data, device)
    prepared = prepare(experiment, observer or Observer())
    now = json.loads(json.dumps(prepared.experiment.description(prepared.task)))
    then = _without_files(run.manifest["description"], experiment.method)
    if trained:
        now, then = _without_engine(now), _without_engine(then)
    differing = [name for name in now if now[name] != then.get(name)]
    if dict(prepared.frames_fingerprint) != run.manifest["frames"]:
        differing.append("frames")
    if differing:
        raise StoreError(
            f"{run.path} was made from something else than is here now: it differs in {', '.join(differing)}. "
            "Give the data and the plugins of that run, or run it anew."
        )
    return prepared


def method_of(manifest: Mapping[str, Any]) -> Method:
    """The method of a run with its parameters; files of initial weights, whose place no run keeps, left out.

    Raises:
        StoreError: if it or one of its parts is not installed, or comes from another source than the run's.
    """
    description = manifest["description"]
    try:
        kind = methods.get(description["method"])
        given = kind.Parameters().changed(_without_files(description, kind())["parameters"])
    except MerbenchError as fault:
        raise StoreError(f"{fault}{_plugin_hint(manifest)}") from fault
    parts = [declared for declared in given.declared() if declared.parts is not None]
    digests = {f"method {kind.name}": methods.origins[kind.name].digest}
    for declared in parts:
        assert declared.parts is not None
        part = declared.parts.part(getattr(given, declared.name))
        digests[f"{declared.name} {part.name} of {declared.parts.method}"] = part.digest
    other = [name for name, digest in digests.items() if description["plugins"].get(name, "") != digest]
    if other:
        raise StoreError(f"The {other[0]} at hand has another source than that of the run.{_plugin_hint(manifest)}")
    return kind(given)


def _plugin_hint(manifest: Mapping[str, Any]) -> str:
    plugins = manifest["description"]["plugins"]
    places = sorted({manifest["origins"][name]["place"] for name in plugins if name in manifest["origins"]})
    return f" The run used {', '.join(places)}; name the file with --plugin." if places else ""


def _experiment(run: Run, data: Mapping[str, Path | str] | Path | str | None, device: str) -> Experiment:
    manifest, description = run.manifest, run.manifest["description"]
    method = method_of(manifest)
    try:
        experiment = resolve(
            method,
            protocol=description["protocol"],
            dataset=list(description["datasets"]),
            data=data,
            recipe=manifest["recipe"]["name"],
            settings=_settings(description),
            scheme=description["scheme"],
            apex=manifest["apex_policy"],
            mends=manifest["mends"],
            on_error="skip" if any(lost["why"] == "frames" for lost in manifest["left_out"]) else "stop",
            seed=run.seed,
            rules=manifest["rules"],
            device=device,
            precision=description["precision"] or "auto",
            alignment=alignment_of(description["alignment"]).name,
            alignment_fallback=alignment_of(description["alignment"]).fallback,
        )
    except UnknownName as fault:
        raise StoreError(f"{fault}{_plugin_hint(manifest)}") from fault
    return _with_datasets(experiment, description)


def _settings(description: Mapping[str, Any]) -> dict[str, object]:
    """Everything that can be set; of dataset parameters those on which the datasets agree."""
    own = [values for _, values in description["datasets"].values()]
    agreed = {
        f"dataset.{name}": value
        for values in own
        for name, value in values.items()
        if all(other.get(name, value) == value for other in own)
    }
    protocol = {f"protocol.{name}": value for name, value in description["protocol_parameters"].items()}
    return {**(description["training"] or {}), **protocol, **agreed}


def _with_datasets(experiment: Experiment, description: Mapping[str, Any]) -> Experiment:
    sources = []
    for source in experiment.sources:
        kind = type(source.dataset)
        values = description["datasets"][kind.name][1]
        sources.append(dataclasses.replace(source, dataset=kind(kind.Parameters().changed(values))))
    return dataclasses.replace(experiment, sources=tuple(sources))


def alignment_of(text: str) -> Alignment:
    """The alignment that a run's description names."""
    return Alignment(name=text.partition(", revision ")[0], fallback=text.endswith(", failures as distributed"))


def _without_files(description: Mapping[str, Any], method: Method) -> dict[str, Any]:
    files = {declared.name for declared in method.Parameters.declared() if declared.is_file}
    parameters = {name: "" if name in files else value for name, value in description["parameters"].items()}
    return {**description, "parameters": parameters}


def _without_engine(description: Mapping[str, Any]) -> dict[str, Any]:
    revisions = {name: value for name, value in description["revisions"].items() if name not in _OF_TRAINING}
    return {**description, "revisions": revisions}
