"""Writing the file of a run, which `merbench run FILE.toml` repeats."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

import tomli_w

from merbench.results.header import RunHeader
from merbench.spec import ComputeOptions, Precision, RunSpec


def config_of(header: RunHeader) -> str:
    """The file that repeats a run, finished or not, its numerics included.

    Folders of data, which no record holds, are to be added.
    """
    numerics = header.numerics
    spec = RunSpec.from_record(header)
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
    spec = dataclasses.replace(spec, datasets=names, recipe=header.recipe.name, rules=header.rules, compute=compute)
    synthetic = header.synthetic
    version = header.code.version
    head = f"# {header.method}, seed {header.seed}, merbench {version}: run it again with merbench run THIS-FILE\n"
    data = "" if synthetic else "".join(f'# data.{name} = "DIR"  # unless merbench data knows it\n' for name in names)
    fixed = {"protocol": spec.protocol, "scheme": header.description.scheme, "seed": spec.seed}
    return head + data + tomli_w.dumps({**fixed, **_document_of(spec)})


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
