"""A run specification from keyword arguments, as `merbench.run` and its kin take them."""

from __future__ import annotations

import inspect
import re
import shlex
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypedDict, TypeVar, Unpack

from merbench.annotations.unit_schemes import scheme_name
from merbench.errors import UsageError
from merbench.method import Method
from merbench.registry import datasets as registered
from merbench.selection import ThresholdsName, read_rules
from merbench.spec import (
    AlignmentName,
    ApexPolicy,
    Compile,
    ComputeOptions,
    Corrections,
    Deterministic,
    KeyframeSide,
    MemoryFormat,
    OnError,
    Precision,
    RunSettings,
    RunSpec,
)
from merbench.value_types import refusal

Folder = TypeVar("Folder")
MethodLike: TypeAlias = str | Method | type[Method]
DataFolders: TypeAlias = Mapping[str, Path | str] | Path | str | None

#: Names of earlier releases, accepted for one release more.
RENAMED = {"mends": "corrections", "packing": "parallel_folds", "compiled": "compile", "params": "tuned"}


class RenamedKeywords(TypedDict, total=False):
    """Keywords of earlier releases; `RENAMED` has the names of now."""

    mends: str
    packing: str | int
    compiled: str
    params: Path | str


class RunKeywords(TypedDict, total=False):
    """The keywords of a run that say what it is; `merbench.spec.RunSpec` has their defaults."""

    protocol: str
    dataset: str | Sequence[str] | None
    data: DataFolders
    recipe: str | None
    settings: Mapping[str, object] | None
    scheme: str | None
    apex: ApexPolicy
    corrections: Corrections
    on_error: OnError
    seed: int
    rules: str | Sequence[str] | None
    alignment: AlignmentName
    alignment_fallback: bool
    tuned: Path | str | None
    plugins: Sequence[Path | str]
    device: str
    precision: Precision
    parallel_folds: int | str
    compile: Compile
    memory_format: MemoryFormat
    deterministic: Deterministic
    thresholds: ThresholdsName
    label_flips: float
    apex_shift: int
    keyframe_noise: float
    keyframe_noise_side: KeyframeSide
    keyframe_noise_seed: int
    distinct_subjects: bool
    weights: Path | str | None
    allow_overlap: bool


#: The setting that lists action units, which name a scheme.
_UNITS = "scheme.units"
#: Keywords that `ComputeOptions` takes as they are.
_COMPUTE = ("device", "precision", "compile", "memory_format", "deterministic")


def specification(method: MethodLike, *, methods: Sequence[str] = (), **keywords: Unpack[RunKeywords]) -> RunSpec:
    """The specification of a run of a method; of several `methods`, settings may name one (``METHOD.epochs``).

    >>> specification("majority", settings={"dataset.subjects": 3}, rules="last").rules
    ('last',)

    Raises:
        UsageError: for a value of the wrong type, or one that cannot be.
    """
    name = method if isinstance(method, str) else kind_of(method).name
    options: dict[str, Any] = dict(keywords)
    _require_kinds(options)
    datasets = _datasets(options.pop("dataset", None))
    data = folders_of(datasets, options.pop("data", None))
    tuned, rules = options.pop("tuned", None), options.pop("rules", None)
    weights = options.pop("weights", None)
    compute = {key: options.pop(key) for key in _COMPUTE if key in options}
    settings = dict(options.pop("settings", None) or {})
    if _UNITS in settings:
        options["scheme"] = _scheme_of_units(settings.pop(_UNITS), options.get("scheme"))
    return RunSpec(
        method=name,
        datasets=datasets or tuple(data),
        data=data,
        settings=RunSettings.parse(settings, [*methods, name]).of(name),
        rules=None if rules is None else read_rules(rules if isinstance(rules, str) else ",".join(rules)),
        tuned=None if tuned is None else str(Path(tuned).expanduser()),
        weights=None if weights is None else str(Path(weights).expanduser()),
        plugins=tuple(map(str, options.pop("plugins", ()))),
        compute=ComputeOptions(parallel_folds=folds_of(options.pop("parallel_folds", "auto")), **compute),
        **options,
    )


def _scheme_of_units(units: object, scheme: str | None) -> str:
    """The scheme of a list of action units, which no other one may be named beside."""
    name = scheme_name(units)
    if scheme not in (None, name):
        raise UsageError(
            f"{_UNITS}={units} is the scheme {name}, but --scheme {scheme} was given; leave one of them out."
        )
    return name


def kind_of(method: Method | type[Method]) -> type[Method]:
    """The class of a method that is given as a class or an instance.

    Raises:
        UsageError: if it is no method, or a base class that cannot be used itself.
    """
    kind: type = method if isinstance(method, type) else type(method)
    if not issubclass(kind, Method) or inspect.isabstract(kind):
        raise UsageError(
            f"method={method!r} is not possible: give the name of a method, or a class or instance of one; "
            "subclass NetworkMethod or FittedMethod."
        )
    return kind


def folds_of(text: str | int) -> Any:
    """A number of folds from text; other text as it is, for `ComputeOptions` to judge."""
    return int(text) if isinstance(text, str) and re.fullmatch(r"-?\d+", text) else text


def with_renamed(keywords: Mapping[str, Any], renamed: RenamedKeywords, stacklevel: int = 3) -> RunKeywords:
    """The keywords, with those of earlier releases under their names of now.

    Raises:
        TypeError: for a keyword that there never was.
    """
    merged: Any = dict(keywords)
    for old, value in renamed.items():
        if old not in RENAMED:
            raise TypeError(f"merbench.run() got an unexpected keyword argument {old!r}")
        warnings.warn(f"{old} is now called {RENAMED[old]}", DeprecationWarning, stacklevel=stacklevel)
        merged[RENAMED[old]] = value
    if merged.get("alignment") == "as distributed":
        warnings.warn("alignment='as distributed' is now alignment='none'", DeprecationWarning, stacklevel=stacklevel)
        merged["alignment"] = "none"
    result: RunKeywords = merged
    return result


#: Of keywords that are turned into something else, what they may be.
_KINDS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "dataset": ((str, Sequence), "a name or a list of names"),
    "data": ((str, Path, Mapping), "a folder, or a table of datasets and folders"),
    "settings": ((Mapping,), "a table of names and values"),
    "rules": ((str, Sequence), "a rule or a list of rules"),
    "tuned": ((str, Path), "the path of a file"),
    "weights": ((str, Path), "the path of a folder or a file, or timm:NAME.TAG"),
    "plugins": ((list, tuple), "a list of files"),
}


def _require_kinds(keywords: Mapping[str, Any]) -> None:
    for name, (kinds, rule) in _KINDS.items():
        value = keywords.get(name)
        if value is not None and not isinstance(value, kinds):
            raise refusal(name, value, rule)
        if isinstance(value, Mapping) and not all(isinstance(key, str) for key in value):
            raise refusal(name, value, "a table whose names are text")
        if name == "rules" and isinstance(value, Sequence) and not all(isinstance(each, str) for each in value):
            raise refusal(name, value, rule)


def _datasets(dataset: str | Sequence[Any] | None) -> tuple[str, ...]:
    names = (dataset,) if isinstance(dataset, str) else tuple(dataset or ())
    return tuple(registered.canonical(name) if isinstance(name, str) else name for name in names)


def folders_of(datasets: Sequence[str], data: DataFolders) -> dict[str, str]:
    """The folder of each dataset, however its name is spelled; a bare folder is that of the only dataset.

    Raises:
        UsageError: for a bare folder with several datasets, or none, and for a dataset with two folders.
    """
    if data is None:
        return {}
    if isinstance(data, Mapping):
        return {name: str(Path(folder)) for name, folder in by_canonical_name(data).items()}
    if len(datasets) != 1:
        place = shlex.quote(str(data))
        if not datasets and Path(data).suffix.lower() == ".csv":
            raise UsageError(f"--data {data}: a table of clips is the dataset manifest: --data manifest={place}.")
        raise UsageError(f"--data {data}: say which dataset that is, with --dataset NAME or --data NAME={place}.")
    return {datasets[0]: str(Path(data))}


def by_canonical_name(data: Mapping[str, Folder]) -> dict[str, Folder]:
    """The folders by the datasets' own names.

    Raises:
        UsageError: if two of the names spell one dataset.
    """
    spellings: dict[str, str] = {}
    folders: dict[str, Folder] = {}
    for spelled, folder in data.items():
        if not isinstance(folder, str | Path):
            raise refusal(f"data.{spelled}", folder, "a folder")
        name = registered.canonical(spelled)
        if name in folders:
            raise UsageError(f"--data {spellings[name]} and --data {spelled} are both {name}; give it once.")
        spellings[name], folders[name] = spelled, folder
    return folders
