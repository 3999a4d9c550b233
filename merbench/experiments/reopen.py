"""A finished run opened again: its experiment, clips, folds and inputs, held to what the run says that they were."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

from merbench.data.labelling import labelled
from merbench.errors import MerbenchError, StoreError, UnknownName
from merbench.experiments.events import Observer
from merbench.experiments.experiment import Experiment
from merbench.experiments.prepare import Prepared, prepare
from merbench.experiments.resolve import resolve
from merbench.experiments.specify import DataFolders, folders_of
from merbench.inputs.alignment.spec import Alignment
from merbench.method import Method
from merbench.registry import methods
from merbench.results.description import Description
from merbench.results.header import RunHeader
from merbench.results.run import Run
from merbench.spec import ComputeOptions, Precision, RunSettings, RunSpec


def reopened(
    run: Run,
    *,
    data: DataFolders = None,
    device: str = "auto",
    trained: bool,
    observer: Observer | None = None,
) -> Prepared:
    """The experiment of a run with its clips labelled, its folds audited and its inputs prepared.

    `data` is where its datasets lie now, which a run does not keep. `trained` says that networks need not be trained
    anew, so that the engine and the method that trained them may be of another revision.

    Raises:
        StoreError: if data, entries or versions are not those that the run was made from.
    """
    experiment = _experiment(run, data, device)
    prepared = prepare(experiment, observer or Observer())
    now = prepared.experiment.description(prepared.task)
    then = run.header.description.without_files(experiment.method)
    if trained:  # maybe by another revision of the engine or the method
        now, then = now.without_revisions("engine", "method"), then.without_revisions("engine", "method")
    differing = now.differences(then)
    if dict(prepared.frames_fingerprint) != run.header.frames:
        differing.append("frames")
    if differing:
        raise StoreError(
            f"{run.path} was made from something else than is here now: it differs in {', '.join(differing)}. "
            "Give the data and the plugins of that run, or run it anew."
        )
    return prepared


def action_units_of(run: Run, data: DataFolders = None) -> dict[str, tuple[int, ...]]:
    """The coded action units of the clips that a run tested, by key, as numbers without sides; none where not coded.

    They are read from the annotations, which no run keeps; `data` is where its datasets lie now.

    Raises:
        MerbenchError: if the annotations are not to be had, or are of other clips or classes than the run's.
    """
    header, description = run.header, run.header.description
    names = tuple(description.datasets)
    spec = dataclasses.replace(
        RunSpec.from_record(header),
        method="majority",
        datasets=names,
        data=folders_of(names, data),
        recipe=None,
        settings=dataclasses.replace(_settings(description), method={}),
        rules=("last",),
        tuned=None,
        weights=None,
        allow_overlap=False,
        plugins=(),
    )
    experiment = _with_datasets(resolve(spec), description)
    clips = labelled(experiment.sources, experiment.scheme, "middle").clips
    units, labels = clips["action_units"].to_dict(), clips["label"].to_dict()
    tested = {
        key: run.kind.text(truth, run.classes)
        for outcome in run.outer
        for key, truth in zip(outcome.keys, outcome.truth.tolist(), strict=True)
    }
    other = sorted(key for key, label in tested.items() if labels.get(key) != label)
    if other:
        raise StoreError(
            f"{run.path} tested {other[0]} as {tested[other[0]]}, which the annotations here do not have; give the "
            "data of that run with --data."
        )
    return {key: tuple(map(int, units[key])) for key in tested}


def method_of(header: RunHeader) -> Method:
    """The method of a run with its parameters; files of initial weights, whose place no run keeps, left out.

    Raises:
        StoreError: if it or one of its parts is not installed, or comes from another source than the run's.
    """
    description = header.description
    try:
        kind = methods.get(description.method)
        parameters = kind.Parameters().changed(description.without_files(kind()).parameters)
    except UnknownName as fault:  # of which the plugin is the likely remedy, and no name that is alike
        remedy = _plugin_hint(header).strip() or fault.remedy
        raise StoreError(str(UnknownName(fault.kind, fault.name, fault.known, remedy))) from fault
    except MerbenchError as fault:
        raise StoreError(f"{fault}{_plugin_hint(header)}") from fault
    parts = [declared for declared in parameters.declared() if declared.components is not None]
    digests = {f"method {kind.name}": methods.origins[kind.name].digest}
    for declared in parts:
        assert declared.components is not None
        part = declared.components.component(getattr(parameters, declared.name))
        digests[f"{declared.name} {part.name} of {declared.components.method}"] = part.digest
    other = [name for name, digest in digests.items() if description.plugins.get(name, "") != digest]
    if other:
        raise StoreError(f"The installed {other[0]} has another source than that of the run.{_plugin_hint(header)}")
    return kind(parameters)


def _plugin_hint(header: RunHeader) -> str:
    plugins = header.description.plugins
    places = sorted({header.origins[name].place for name in plugins if name in header.origins})
    return f" The run used {', '.join(places)}; name the file with --plugin." if places else ""


def _experiment(run: Run, data: DataFolders, device: str) -> Experiment:
    header, description = run.header, run.header.description
    method = method_of(header)
    names = tuple(description.datasets)
    try:
        experiment = resolve(
            dataclasses.replace(
                RunSpec.from_record(header),
                method=description.method,
                datasets=names,
                data=folders_of(names, data),
                recipe=header.recipe.name,
                settings=_settings(description),
                rules=header.rules,
                weights=None,
                allow_overlap=False,
                compute=ComputeOptions(device=device, precision=cast(Precision, description.precision or "auto")),
            ),
            method,
        )
    except UnknownName as fault:
        raise StoreError(f"{fault}{_plugin_hint(header)}") from fault
    return _with_datasets(experiment, description)


def _settings(recorded: Description) -> RunSettings:
    """Every value of training, protocol and data; of dataset parameters those on which the datasets agree."""
    description: Any = recorded  # whose values RunSettings checks
    tables = [values for _, values in description.datasets.values()]
    agreed = {
        name: value
        for values in tables
        for name, value in values.items()
        if all(other.get(name, value) == value for other in tables)
    }
    return RunSettings(method=description.training or {}, dataset=agreed, protocol=description.protocol_parameters)


def _with_datasets(experiment: Experiment, description: Description) -> Experiment:
    sources = []
    for source in experiment.sources:
        kind = type(source.dataset)
        values = description.datasets[kind.name][1]
        sources.append(dataclasses.replace(source, dataset=kind(kind.Parameters().changed(values))))
    return dataclasses.replace(experiment, sources=tuple(sources))


def alignment_of(text: str) -> Alignment:
    """The alignment that a run's description names."""
    return Alignment(name=text.partition(", revision ")[0], fallback=text.endswith(", failures as distributed"))
