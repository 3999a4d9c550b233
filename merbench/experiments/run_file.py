"""Writing the file of a run, which `merbench run FILE.toml` repeats."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, cast

import tomli_w

from merbench.entries.parameters import Parameter
from merbench.errors import StoreError, UsageError
from merbench.results.header import RunFacts, RunHeader
from merbench.results.record import RunRecord
from merbench.spec import ComputeOptions, Precision, RunSettings, RunSpec


def config_of(header: RunHeader | RunRecord) -> str:
    """The file that repeats a run, finished or not, its numerics included; of its header or its record.

    Folders of data, which no record holds, are to be added.

    Raises:
        StoreError: for a record that lacks the specification of its run.
    """
    numerics = header.numerics
    spec = _spec_of(header)
    names = tuple(header.description.datasets)
    compute = spec.compute
    if numerics is not None:
        compute = ComputeOptions(
            device=spec.compute.device,
            precision=cast(Precision, numerics.precision),
            parallel_folds=numerics.parallel_folds or 1,
            compile="yes" if numerics.compile else "no",
            memory_format="contiguous" if numerics.channels_last is False else "channels-last",
            deterministic="yes" if numerics.deterministic else "no",
        )
    settings = _in_their_types(spec.settings, header)
    spec = dataclasses.replace(
        spec, datasets=names, recipe=header.recipe.name, rules=header.rules, compute=compute, settings=settings
    )
    synthetic = header.synthetic
    version = header.code.version
    head = f"# {header.method}, seed {header.seed}, merbench {version}: run it again with merbench run THIS-FILE\n"
    data = "" if synthetic else "".join(f'# data.{name} = "DIR"  # unless merbench data knows it\n' for name in names)
    data += "".join(f"# {name} was a file of that run: give the path to it from here\n" for name in spec.plugins)
    fixed = {"protocol": spec.protocol, "scheme": header.description.scheme, "seed": spec.seed}
    return head + data + tomli_w.dumps({**fixed, **_document_of(spec)})


def _spec_of(header: RunHeader | RunRecord) -> RunSpec:
    if isinstance(header, RunHeader):
        return RunSpec.from_record(header)
    if header.spec is None:
        what = (
            "predictions made elsewhere"
            if header.external
            else "a run by an early release, which did not record its options"
        )
        raise StoreError(f"{header.name} is the record of {what}; --config needs the folder of a run.")
    return header.spec


def _in_their_types(settings: RunSettings, header: RunFacts) -> RunSettings:
    """The settings, of which numbers and truths that were given as text are written as what the run took them for."""
    description = header.description
    datasets = {name: value for _, own in description.datasets.values() for name, value in own.items()}
    return dataclasses.replace(
        settings,
        method=_typed(settings.method, {**description.parameters, **(description.training or {})}),
        dataset=_typed(settings.dataset, datasets),
        protocol=_typed(settings.protocol, description.protocol_parameters),
    )


def _typed(given: Mapping[str, Any], taken: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _as_taken(value, taken.get(name)) for name, value in given.items()}


def _as_taken(given: object, taken: object) -> object:
    """What a text was taken for, where that is a number or a truth and the text says the same; else the text."""
    if not isinstance(given, str) or not isinstance(taken, bool | int | float):
        return given
    try:
        same = Parameter(name="", default=taken, reason="").read(given) == taken
    except UsageError:
        return given
    return taken if same else given


def as_toml(spec: RunSpec) -> str:
    """The file that `read_suite` makes this specification of: what differs from the defaults."""
    return tomli_w.dumps(_document_of(spec))


def _document_of(spec: RunSpec) -> dict[str, Any]:
    default = RunSpec(method="").as_dict()
    document = {name: value for name, value in spec.as_dict().items() if value != default.get(name)}
    names = document.pop("datasets", [])
    if names:
        document["dataset"] = names[0] if len(names) == 1 else names
    compute = document.pop("compute", {})
    settings = document.pop("settings", {})
    if settings:
        groups = {name: settings[name] for name in ("dataset", "protocol") if settings[name]}
        document["settings"] = {**settings["method"], **groups}
    if compute:
        document["compute"] = {name: value for name, value in compute.items() if value != default["compute"][name]}
    return document
