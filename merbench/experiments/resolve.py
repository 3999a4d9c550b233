"""An experiment from names: every name looked up, every setting checked, before anything is read or trained."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merbench.annotations.corrections import Revision, read_revision
from merbench.data.locations import configured
from merbench.data.source import Source
from merbench.data.task import APEX_POLICIES
from merbench.dataset import Dataset
from merbench.entries.origins import Origin
from merbench.entries.parameters import Parameters
from merbench.entries.recipe import Training
from merbench.entries.variants import stem_of, under_its_name
from merbench.errors import UnknownName, UsageError
from merbench.experiments.experiment import Experiment, OnError, Settings
from merbench.inputs.alignment.spec import AS_DISTRIBUTED, Alignment
from merbench.method import Method, NetworkMethod
from merbench.protocol import Protocol, require_datasets
from merbench.registry import Registry, datasets, methods, protocols
from merbench.results.provenance import digest, source_of
from merbench.selection import Rule, read_rules

if TYPE_CHECKING:
    from merbench.training.numerics import Numerics

ON_ERROR: tuple[OnError, ...] = ("stop", "skip")


def resolve(
    method: str | Method | type[Method],
    *,
    protocol: str = "loso",
    dataset: str | Sequence[str] | None = None,
    data: Mapping[str, Path | str] | Path | str | None = None,
    recipe: str | None = None,
    settings: Settings | None = None,
    scheme: str | None = None,
    apex: str = "middle",
    mends: str = "none",
    on_error: str = "stop",
    seed: int = 0,
    rules: str | Sequence[str] | None = None,
    device: str = "auto",
    precision: str = "auto",
    packing: str | int = "auto",
    compiled: str = "no",
    alignment: str = AS_DISTRIBUTED,
    alignment_fallback: bool = False,
) -> Experiment:
    """The experiment that names and settings describe.

    Raises:
        UnknownName, UsageError, MissingData: for what does not exist or cannot be, before anything is read.
    """
    settings = dict(settings or {})
    changed = dict(settings)
    chosen_protocol = _made(protocols, protocol, _taken(settings, "protocol."))
    folders = _folders(data)
    names = _named(dataset, folders, _without_names(chosen_protocol))
    if all(datasets.get(name).parts is Dataset.parts for name in names):  # else only the tables can say
        require_datasets(chosen_protocol, names)
    revision = read_revision(mends)
    sources = _sources(names, folders, settings, revision)
    require_datasets(chosen_protocol, _parts(sources))
    scheme = scheme or chosen_protocol.scheme
    drawn = all(source.dataset.drawn for source in sources)
    recipe_name = recipe or ("quick" if drawn else "published")
    classes = len(sources[0].scheme(scheme).classes)
    chosen, training, recipe_source = _method(method, recipe_name, classes, settings)
    return Experiment(
        method=chosen,
        method_origin=_origin_of(methods, chosen),
        recipe=recipe_name,
        recipe_source=recipe_source,
        training=training,
        protocol=chosen_protocol,
        sources=sources,
        scheme=scheme,
        apex=_choice("apex", apex, APEX_POLICIES),
        mends=revision,
        on_error=_choice("on-error", on_error, ON_ERROR),
        seed=_seed(seed),
        rules=_rules(rules if rules is None or isinstance(rules, str) else ",".join(rules), drawn, chosen),
        numerics=_numerics(chosen, device, precision, packing, compiled),
        alignment=Alignment(name=alignment, fallback=alignment_fallback),
        changed=changed,
        extra_origins={**_extra_origins(chosen_protocol, sources), **_part_origins(chosen.parameters)},
    )


def _named(
    dataset: str | Sequence[str] | None, data: Mapping[str, Path] | Path | None, stand_ins: Sequence[str]
) -> list[str]:
    names = [dataset] if isinstance(dataset, str) else list(dataset or ())
    if isinstance(data, Path) and len(names) != 1:
        raise UsageError(f"--data {data}: say which dataset lies there, with --dataset NAME or --data NAME={data}.")
    if isinstance(data, Mapping):
        names = names or list(data)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"dataset {', '.join(twice)} is given twice; give it once.")
    return names or list(stand_ins)


def _without_names(protocol: Protocol) -> Sequence[str]:
    there = bool(protocol.usual) and all(configured(name) is not None for name in protocol.usual)
    return protocol.usual if there else protocol.stand_ins


def _folders(data: Mapping[str, Path | str] | Path | str | None) -> Mapping[str, Path] | Path | None:
    if isinstance(data, Mapping):
        return {name: Path(folder) for name, folder in data.items()}
    return None if data is None else Path(data)


def _sources(
    names: Sequence[str], data: Mapping[str, Path] | Path | None, settings: dict[str, object], mends: Revision
) -> tuple[Source, ...]:
    roots = {names[0]: data} if isinstance(data, Path) else dict(data or {})
    stray = sorted(set(roots) - set(names))
    if stray:
        raise UsageError(f"--data names {', '.join(stray)}, which the run does not use ({', '.join(names)}).")
    given = _taken(settings, "dataset.")
    kinds = [datasets.get(name) for name in names]
    known = {key for kind in kinds for key in kind.Parameters.names()}
    _refuse_unknown("dataset.", given, known)
    return tuple(_source(kind, roots.get(kind.name) or _configured(kind), given, mends) for kind in kinds)


def _parts(sources: Sequence[Source]) -> tuple[str, ...]:
    """The datasets that the sources' clips are of, each of which one source alone has."""
    found: dict[str, Source] = {}
    for source in sources:
        for part in source.dataset.parts(source.root):
            if found.setdefault(part, source) is not source:
                raise UsageError(
                    f"{found[part].dataset.name} and {source.dataset.name} both have clips of {part}; a run takes them "
                    "from one: leave one out, or rename the dataset in the table."
                )
    return tuple(found)


def _configured(kind: type[Dataset]) -> Path | None:
    known = None if kind.drawn else configured(kind.name)
    return None if known is None else known.path


def _source(kind: type[Dataset], root: Path | None, given: Settings, mends: Revision) -> Source:
    own = {key: value for key, value in given.items() if key in kind.Parameters.names()}
    return Source(dataset=kind(kind.Parameters().changed(own)), root=root, mends=mends)


def _method(
    method: str | Method | type[Method], recipe_name: str, classes: int, settings: dict[str, object]
) -> tuple[Method, Training | None, str]:
    kind = _kind(method)
    recipe = kind.recipe(recipe_name, classes)
    own, engine = kind.Parameters.names(), Training.names() if issubclass(kind, NetworkMethod) else ()
    _refuse_unknown("", settings, {*own, *engine}, f"setting of {kind.name}")
    base: Parameters = kind.Parameters().changed(recipe.parameters)
    if isinstance(method, Method):
        base = method.parameters
    kind, parameters = under_its_name(kind, base.changed({k: v for k, v in settings.items() if k in own}))
    training = recipe.training
    if issubclass(kind, NetworkMethod):
        training = (training or Training()).changed({k: v for k, v in settings.items() if k in engine})
    return kind(parameters), training, recipe.source


def _kind(method: str | Method | type[Method]) -> type[Method]:
    if isinstance(method, str):
        return methods.get(method)
    kind: type = method if isinstance(method, type) else type(method)
    if not issubclass(kind, Method) or inspect.isabstract(kind):
        raise UsageError(
            f"method={method!r} is not possible: give the name of a method, or a class or instance of one; "
            "subclass NetworkMethod or FittedMethod."
        )
    return kind


def _made(registry: Registry[Protocol], name: str, given: Settings) -> Protocol:
    kind = registry.get(name)
    _refuse_unknown("protocol.", given, set(kind.Parameters.names()))
    return kind(kind.Parameters().changed(given))


def _taken(settings: dict[str, object], prefix: str) -> dict[str, object]:
    found = {key.removeprefix(prefix): value for key, value in settings.items() if key.startswith(prefix)}
    for key in found:
        del settings[prefix + key]
    return found


def _refuse_unknown(prefix: str, given: Settings, known: set[str], kind: str = "setting") -> None:
    for key in given:
        if key not in known:
            raise UnknownName(kind, prefix + key, sorted(prefix + name for name in known))


def _choice(name: str, value: str, choices: Sequence[Any]) -> Any:
    if value not in choices:
        raise UsageError(f"{name}={value} is not possible: it must be one of {', '.join(choices)}.")
    return value


def _seed(seed: int) -> int:
    if seed < 0:
        raise UsageError(f"seed={seed} is not possible: it must be a whole number from 0.")
    return seed


def _rules(text: str | None, drawn: bool, method: Method) -> tuple[Rule, ...]:
    rules = read_rules(text or ("last,oracle" if drawn else "last,inner,oracle"))
    if isinstance(method, NetworkMethod):
        return rules
    return tuple(rule for rule in rules if rule != "inner")


def _numerics(method: Method, device: str, precision: str, packing: str | int, compiled: str) -> Numerics | None:
    if not isinstance(method, NetworkMethod):
        return None
    from merbench.training.numerics import choose

    return choose(device, precision, packing=packing, compiled=compiled)


def _origin_of(registry: Registry[Any], entry: Method | Protocol | Dataset) -> Origin:
    if entry.name in registry and registry.get(entry.name) is type(entry):
        return registry.origins[entry.name]
    place, source = source_of(stem_of(type(entry)))
    return Origin(place=place, package="", version="", digest=digest(source))


def _extra_origins(protocol: Protocol, sources: Sequence[Source]) -> dict[str, Origin]:
    found = {f"protocol {protocol.name}": _origin_of(protocols, protocol)}
    for source in sources:
        found[f"dataset {source.dataset.name}"] = _origin_of(datasets, source.dataset)
    return found


def _part_origins(parameters: Parameters) -> dict[str, Origin]:
    """Where the parts come from that merbench does not ship."""
    found = {}
    for declared in parameters.declared():
        if declared.parts is not None:
            part = declared.parts.part(getattr(parameters, declared.name))
            origin = Origin(place=part.place, package=Path(part.place).name, version="", digest=part.digest)
            found[f"{declared.name} {part.name} of {declared.parts.method}"] = origin
    return {name: origin for name, origin in found.items() if origin.digest}
