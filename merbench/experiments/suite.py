"""Runs in a TOML file: one run, or a suite of several methods, protocols, datasets and seeds."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from merbench._files.toml import read_toml
from merbench.errors import MerbenchError, MissingData, ProtocolError, UnknownName, UsageError
from merbench.experiments.specify import RunKeywords, specification
from merbench.registry import datasets
from merbench.spec import ComputeOptions, RunSpec

#: Keys with several values, each a run of its own, and the key that says the same of all runs.
_SEVERAL = {"methods": "method", "protocols": "protocol", "datasets": "dataset", "seeds": "seed"}
_COMPUTE = tuple(field.name for field in dataclasses.fields(ComputeOptions))
_KEYS = (
    "method",
    *(name for name in RunKeywords.__annotations__ if name not in _COMPUTE),
    *_SEVERAL,
    "compute",
)


def read_suite(
    path: Path,
    overrides: Mapping[str, Any] | None = None,
    *,
    methods: Sequence[str] = (),
    seeds: Sequence[int] | None = None,
) -> list[RunSpec]:
    """The specifications of the runs in a file, one for each method, protocol, dataset and seed that it names.

    `overrides` are keywords of `merbench.run` in place of what the file says, `methods` and `seeds` likewise; settings
    are overridden one by one. Folders and files in it are relative to its own folder.

    Raises:
        UnknownName, UsageError: for what cannot be in such a file, with the key and its line.
    """
    document, lines = _document(path)
    _require_keys(path, document, lines)
    several = {name: _several(path, document, lines, name) for name in _SEVERAL}
    shared = _shared(path, document, lines)
    shared = _overridden(shared, overrides or {})
    if "dataset" in (overrides or {}) and "data" not in (overrides or {}):
        shared["data"] = _data_of(shared["dataset"], shared.get("data"))  # folders of datasets that are not used now
    for key in ("protocol", "dataset"):
        if key in (overrides or {}):
            several[f"{key}s"] = [shared.pop(key)]
    named = [*several["methods"], *methods]
    several["methods"] = list(methods) or several["methods"]
    several["seeds"] = list(seeds) if seeds is not None else several["seeds"]
    if several["methods"] == [None]:
        raise UsageError(f'{path} names no method; add a line such as method = "mmnet", or give --method NAME.')
    return list(_specs(path, lines, several, shared, named))


@contextmanager
def located(path: Path) -> Iterator[None]:
    """Whatever is refused within the block says in which line of the file the refused name or value is.

    Raises:
        UsageError: with the line, for a name that nothing has, a value that is not possible, data that is not there
            and folds that cannot be made.
    """
    try:
        yield
    except (UnknownName, UsageError, MissingData, ProtocolError) as fault:
        lines = _lines(path.read_text(encoding="utf-8"))
        place = _named(path, lines, fault.name) if isinstance(fault, UnknownName) else _place(path, lines, fault)
        if place == str(path) or str(fault).startswith(str(path)):
            raise
        raise UsageError(f"{place}: {fault}") from fault


def _named(path: Path, lines: Mapping[str, int], name: str) -> str:
    """The first line that has an unknown name, as a key or in quotes."""
    numbers = [number for key, number in lines.items() if key == name or key.endswith(f".{name}")]
    quoted = re.compile(rf"""["']{re.escape(name)}["']""")
    texts = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    numbers = numbers or [number for number, text in texts if quoted.search(text)]
    return f"{path}, line {min(numbers)}" if numbers else str(path)


def _document(path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    try:
        text = path.read_text(encoding="utf-8")
        return read_toml(text), _lines(text)
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file; merbench show RUN --config prints one.") from None
    except (OSError, UnicodeDecodeError) as fault:
        raise UsageError(f"{path} cannot be read ({fault}).") from fault
    except tomllib.TOMLDecodeError as fault:
        raise UsageError(f"{path} is no TOML file: {fault}.") from fault


def _lines(text: str) -> dict[str, int]:
    """The number of the line of each key, by its dotted name, and of each table."""
    numbers: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if heading := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            table = _dotted(heading[1])
            numbers.setdefault(table, number)
        elif key := re.match(r"""\s*((?:[\w.\s:-]|"[^"]*"|'[^']*')+?)\s*=""", line):
            name = _dotted(key[1])
            numbers.setdefault(f"{table}.{name}" if table else name, number)
    return numbers


def _dotted(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in re.findall(r"""[^."']+|"[^"]*"|'[^']*'""", key))


def _at(path: Path, lines: Mapping[str, int], key: str) -> str:
    while key and key not in lines:
        nested = [number for name, number in lines.items() if name.startswith(f"{key}.")]
        if nested:
            return f"{path}, line {min(nested)}"
        key = key.rpartition(".")[0]
    return f"{path}, line {lines[key]}" if key else str(path)


def _place(path: Path, lines: Mapping[str, int], fault: MerbenchError) -> str:
    """The line of the first key that a sentence names with its value, such as ``compile=yes``, or whose path it has."""
    named = [key for key in lines if re.search(rf"\b{re.escape(key.rpartition('.')[2])}=", str(fault))]
    named += [key for key, place in _paths(path) if place in str(fault)]
    return _at(path, lines, named[0]) if named else str(path)


def _paths(path: Path) -> list[tuple[str, str]]:
    """The keys of a file whose values are folders or files, and these as a run names them; the longest first."""
    document, _ = _document(path)
    data = document.get("data", {})
    of_data = {f"data.{name}": folder for name, folder in data.items()} if isinstance(data, dict) else {"data": data}
    values = {**of_data, "tuned": document.get("tuned")}
    places = [(key, _beside(path, key.partition(".")[0], value)) for key, value in values.items()]
    return sorted(((key, place) for key, place in places if isinstance(place, str)), key=lambda pair: -len(pair[1]))


def _require_keys(path: Path, document: Mapping[str, Any], lines: Mapping[str, int]) -> None:
    for key in document:
        if key not in _KEYS:
            if key in _COMPUTE:
                raise UsageError(f"{_at(path, lines, key)}: {key} belongs in the table [compute].")
            raise UsageError(f"{_at(path, lines, key)}: {UnknownName('key', key, _KEYS)}")
    for plural, single in _SEVERAL.items():
        if plural in document and single in document:
            raise UsageError(
                f"{_at(path, lines, plural)}: {plural} and {single} (line {lines.get(single, 0)}) are both given; "
                "leave out one of them."
            )


def _several(path: Path, document: Mapping[str, Any], lines: Mapping[str, int], plural: str) -> list[Any]:
    if plural not in document:
        return [document.get(_SEVERAL[plural])]
    values = document[plural]
    if not isinstance(values, list) or not values:
        example = "seeds = [0, 1]" if plural == "seeds" else f'{plural} = ["NAME", "NAME"]'
        raise UsageError(
            f"{_at(path, lines, plural)}: {plural}={json.dumps(values, default=str)} is not possible: it must be a "
            f"list of one value or more, such as {example}."
        )
    if any(values.count(value) > 1 for value in values):
        raise UsageError(f"{_at(path, lines, plural)}: {plural} has a value twice; give it once.")
    for value in values:
        _require_value(path, lines, plural, {_SEVERAL[plural]: value})
    return values


def _shared(path: Path, document: Mapping[str, Any], lines: Mapping[str, int]) -> dict[str, Any]:
    """What the file says of all its runs, each key checked by itself."""
    shared: dict[str, Any] = {}
    for key, value in document.items():
        if key in _SEVERAL:
            continue
        keywords = _keywords(path, lines, key, value)
        _require_value(path, lines, key, keywords)
        shared.update(keywords)
    return shared


def _keywords(path: Path, lines: Mapping[str, int], key: str, value: Any) -> dict[str, Any]:
    if key in ("settings", "compute", "data") and not isinstance(value, dict) and not (key == "data" and value):
        raise UsageError(f"{_at(path, lines, key)}: {key}={value} is not possible: it must be a table.")
    if key == "compute":
        for name in value:
            if name not in _COMPUTE:
                unknown = UnknownName("key", f"compute.{name}", [f"compute.{known}" for known in _COMPUTE])
                raise UsageError(f"{_at(path, lines, f'compute.{name}')}: {unknown}")
        return dict(value)
    if key == "settings":
        return {key: dict(_flat(value))}
    return {key: _beside(path, key, value)}


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _beside(path: Path, key: str, value: Any) -> Any:
    """Folders and files of the value, relative to the file's folder."""
    if key == "data" and isinstance(value, dict):
        return {name: _beside(path, key, folder) for name, folder in value.items()}
    if key == "plugins" and isinstance(value, list):
        return [_beside(path, "plugin", file) for file in value]
    if key in ("data", "tuned", "weights", "plugin") and isinstance(value, str):
        return str(path.parent / Path(value).expanduser())
    return value


def _require_value(path: Path, lines: Mapping[str, int], key: str, keywords: Mapping[str, Any]) -> None:
    """Refuse values that no run can have, with the line of each."""
    for name, value in keywords.items():
        if key in ("settings", "data") and isinstance(value, dict):
            checks = {f"{key}.{single}": {key: {single: own}} for single, own in value.items()}
        else:
            checks = {f"compute.{name}" if key == "compute" else key: {name: value}}
        for place, single in checks.items():
            _require_keyword(f"{_at(path, lines, place)}", single)


def _require_keyword(place: str, single: dict[str, Any]) -> None:
    method = single.pop("method", "majority")
    if isinstance(single.get("data"), str):
        single["dataset"] = "any"  # which a bare folder needs
    if single.keys() & {"keyframe_noise_side", "keyframe_noise_seed"}:
        single["keyframe_noise"] = 1  # which both need
    try:
        specification(method, **single)
    except MerbenchError as fault:
        raise UsageError(f"{place}: {fault}") from fault


def _overridden(shared: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**shared, **overrides}
    for key in ("settings", "data"):
        if isinstance(shared.get(key), dict) and isinstance(overrides.get(key), dict):
            merged[key] = {**shared[key], **overrides[key]}
    if "plugins" in shared and "plugins" in overrides:
        merged["plugins"] = [*shared["plugins"], *overrides["plugins"]]
    return merged


def _specs(
    path: Path,
    lines: Mapping[str, int],
    several: Mapping[str, list[Any]],
    shared: Mapping[str, Any],
    named_methods: Sequence[str],
) -> Iterator[RunSpec]:
    """The runs; `named_methods` are all that settings may be of, whether they run or not."""
    common = {key: value for key, value in shared.items() if key not in _SEVERAL.values()}
    for protocol, dataset in itertools.product(several["protocols"], several["datasets"]):
        for method, seed in itertools.product(several["methods"], several["seeds"]):
            varied = {"protocol": protocol, "dataset": dataset, "seed": seed}
            named = {key: value for key, value in varied.items() if value is not None}
            data = _data_of(dataset, common.get("data")) if len(several["datasets"]) > 1 else common.get("data")
            try:
                yield specification(method, methods=named_methods, **{**common, "data": data, **named})
            except MerbenchError as fault:
                raise UsageError(f"{_place(path, lines, fault)}: {fault}") from fault


def _data_of(dataset: Any, data: Any) -> Any:
    """Of the folders in a suite those of one run's datasets."""
    names = [datasets.canonical(name) for name in ([dataset] if isinstance(dataset, str) else dataset or [])]
    if not isinstance(data, dict):
        return data
    return {name: folder for name, folder in data.items() if datasets.canonical(name) in names}
