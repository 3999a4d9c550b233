"""An experiment from its specification: names looked up and settings checked before anything is trained."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merbench.data.locations import configured
from merbench.data.source import Source
from merbench.dataset import Dataset
from merbench.entries.origins import Origin
from merbench.entries.parameters import Parameters, Value
from merbench.entries.recipe import Training
from merbench.entries.variants import stem_of, under_its_name
from merbench.errors import UnknownName, UsageError
from merbench.experiments.experiment import Experiment
from merbench.experiments.served import require_kind
from merbench.experiments.specify import MethodLike, by_canonical_name, kind_of
from merbench.experiments.starting_weights import starting
from merbench.inputs.alignment.spec import AS_DISTRIBUTED, Alignment
from merbench.method import Method, NetworkMethod
from merbench.protocol import Protocol, require_datasets
from merbench.registry import Registry, datasets, methods, protocols
from merbench.results.provenance import digest, source_of
from merbench.results.weights import nameless
from merbench.selection import Rule
from merbench.spec import SETTING_GROUPS, ComputeOptions, RunSettings, RunSpec
from merbench.training.augmentable import require_augmentable

if TYPE_CHECKING:
    from merbench.training.numerics import Numerics


def resolve(spec: RunSpec, method: Method | type[Method] | None = None) -> Experiment:
    """The experiment that a specification describes; `method` is a class or an instance that is in no registry.

    Raises:
        UnknownName, UsageError, MissingData: for what does not exist or cannot be, before anything is read.
    """
    protocol = _protocol(spec.protocol, spec.settings.of(spec.method).protocol)
    names = spec.datasets or tuple(spec.data) or tuple(_default_datasets(protocol))
    if all(datasets.get(name).dataset_names is Dataset.dataset_names for name in names):  # else only the tables can say
        require_datasets(protocol, names)
    return resolve_on(_sources(names, spec), spec, method)


def resolve_on(sources: tuple[Source, ...], spec: RunSpec, method: Method | type[Method] | None = None) -> Experiment:
    """The experiment that a specification describes, on data that may be of datasets in no registry.

    Raises:
        UnknownName, UsageError: for what does not exist or cannot be, before any frame is read.
    """
    settings = spec.settings.of(spec.method)
    protocol = _protocol(spec.protocol, settings.protocol)
    require_datasets(protocol, _dataset_names(sources))
    scheme = spec.scheme or protocol.scheme
    synthetic = all(source.dataset.synthetic for source in sources)
    recipe = spec.recipe or ("quick" if synthetic else "published")
    chosen = sources[0].scheme(scheme)
    resolved, training, recipe_source = _method(method or spec.method, recipe, len(chosen.classes), settings.method)
    require_kind(chosen, resolved, training, protocol, spec)
    return Experiment(
        spec=_with_parameters(spec, method),
        method=resolved,
        method_origin=_origin_of(methods, resolved),
        recipe=recipe,
        recipe_source=recipe_source,
        training=training,
        protocol=protocol,
        sources=sources,
        scheme=scheme,
        apex=spec.apex,
        corrections=spec.corrections,
        on_error=spec.on_error,
        seed=spec.seed,
        rules=_rules(spec, synthetic, resolved),
        numerics=_numerics(resolved, training, spec.compute),
        alignment=Alignment(
            name=AS_DISTRIBUTED if spec.alignment == "none" else spec.alignment, fallback=spec.alignment_fallback
        ),
        changed=_in_their_types(settings, resolved, training, protocol, sources),
        start=None if spec.weights is None else starting(spec.weights, resolved),
        extra_origins={**_extra_origins(protocol, sources), **_component_origins(resolved.parameters)},
    )


def _in_their_types(
    settings: RunSettings, method: Method, training: Training | None, protocol: Protocol, sources: Sequence[Source]
) -> dict[str, Value]:
    """The changed settings as their parameters read them, so that ``5``, ``5.0`` and ``"5"`` are one task."""
    read: dict[str, Value] = {**method.parameters.values(), **(training.values() if training else {})}
    read |= {f"protocol.{name}": value for name, value in protocol.parameters.values().items()}
    for source in sources:
        read |= {f"dataset.{name}": value for name, value in source.dataset.parameters.values().items()}
    return {name: value if isinstance(value, int) else read.get(name, value) for name, value in settings.flat().items()}


def _with_parameters(spec: RunSpec, method: Method | type[Method] | None) -> RunSpec:
    """The specification with the parameters that an instance has of its own."""
    if not isinstance(method, Method):
        return spec
    own = RunSettings(method=method.parameters.values())
    return dataclasses.replace(spec, settings=own.updated(spec.settings))


def _default_datasets(protocol: Protocol) -> Sequence[str]:
    available = bool(protocol.usual) and all(
        configured(name, datasets.canonical) is not None for name in protocol.usual
    )
    return protocol.usual if available else protocol.synthetic_datasets


def _sources(names: Sequence[str], spec: RunSpec) -> tuple[Source, ...]:
    kinds = [datasets.get(name) for name in names]
    known = {key for kind in kinds for key in kind.Parameters.names()}
    _refuse_unknown("dataset.", spec.settings.dataset, known)
    folders = by_canonical_name(spec.data)
    return tuple(_source(kind, spec, folders.get(kind.name)) for kind in kinds)


def _source(kind: type[Dataset], spec: RunSpec, folder: str | None) -> Source:
    own = {key: value for key, value in spec.settings.dataset.items() if key in kind.Parameters.names()}
    root = _configured(kind) if folder is None else Path(folder)
    return Source(dataset=kind(kind.Parameters().changed(own)), root=root, corrections=spec.corrections)


def _configured(kind: type[Dataset]) -> Path | None:
    known = None if kind.synthetic else configured(kind.name, datasets.canonical)
    return None if known is None else known.path


def _dataset_names(sources: Sequence[Source]) -> tuple[str, ...]:
    """The datasets that the sources' clips are of, each of which one source alone has."""
    by_name: dict[str, Source] = {}
    for source in sources:
        for name in source.dataset.dataset_names(source.root):
            if by_name.setdefault(name, source) is not source:
                raise UsageError(
                    f"{by_name[name].dataset.name} and {source.dataset.name} both have clips of {name}; a run takes "
                    "them from one: leave one out, or rename the dataset in the table."
                )
    return tuple(by_name)


def _method(
    method: MethodLike, recipe_name: str, classes: int, settings: Mapping[str, object]
) -> tuple[Method, Training | None, str]:
    kind = methods.get(method) if isinstance(method, str) else kind_of(method)
    recipe = kind.recipe(recipe_name, classes)
    own, engine = kind.Parameters.names(), Training.names() if issubclass(kind, NetworkMethod) else ()
    _refuse_groups(settings, {*own, *engine})
    _refuse_unknown("", settings, {*own, *engine}, f"setting of {kind.name}")
    base: Parameters = kind.Parameters().changed(recipe.parameters)
    if isinstance(method, Method):
        base = method.parameters
    kind, parameters = under_its_name(kind, base.changed({k: v for k, v in settings.items() if k in own}))
    training = recipe.training
    if issubclass(kind, NetworkMethod):
        training = (training or Training()).changed({k: v for k, v in settings.items() if k in engine})
    resolved = kind(parameters)
    if training is not None and issubclass(kind, NetworkMethod):
        require_augmentable(resolved, training)
        if (training.frozen or training.head_epochs) and isinstance(resolved, NetworkMethod):
            from merbench.training.fine_tuning import require_trainable

            require_trainable(resolved, training, nameless([str(number) for number in range(classes)]))
    return resolved, training, recipe.source


def _protocol(name: str, settings: Mapping[str, object]) -> Protocol:
    kind = protocols.get(name)
    _refuse_unknown("protocol.", settings, set(kind.Parameters.names()))
    return kind(kind.Parameters().changed(settings))


def _refuse_unknown(prefix: str, settings: Mapping[str, object], known: set[str], kind: str = "setting") -> None:
    for key in settings:
        if key not in known:
            raise UnknownName(kind, prefix + key, sorted(prefix + name for name in known))


def _refuse_groups(settings: Mapping[str, object], known: set[str]) -> None:
    """Refuse settings whose name begins with what is neither a group of settings nor a method of the run."""
    for key in settings:
        group, dot, name = key.partition(".")
        if not dot or key in known:
            continue
        if group in methods.names():
            raise UsageError(
                f"{key} is a setting of {group}, which is no method of this run; leave it out, or add --method {group}."
            )
        for close in difflib.get_close_matches(group, SETTING_GROUPS, n=1):
            raise UsageError(f"Unknown setting {key!r}. Did you mean '{close}.{name}'?")


def _rules(spec: RunSpec, synthetic: bool, method: Method) -> tuple[Rule, ...]:
    chosen = spec.thresholds == "inner"  # also of methods without epochs
    rules = spec.rules or (("last", "oracle") if synthetic and not chosen else ("last", "inner", "oracle"))
    return tuple(rule for rule in rules if rule != "inner" or chosen or isinstance(method, NetworkMethod))


def _numerics(method: Method, training: Training | None, compute: ComputeOptions) -> Numerics | None:
    if not isinstance(method, NetworkMethod):
        return None
    from merbench.training.numerics import choose

    numerics = choose(
        compute.device,
        compute.precision,
        parallel_folds=compute.parallel_folds,
        compile=compute.compile,
        memory_format=compute.memory_format,
        deterministic=compute.deterministic,
    )
    return dataclasses.replace(numerics, frozen_once=training is not None and bool(training.frozen))


def _origin_of(registry: Registry[Any], entry: Method | Protocol | Dataset) -> Origin:
    if entry.name in registry and registry.get(entry.name) is type(entry):
        return registry.origins[entry.name]
    place, source = source_of(stem_of(type(entry)))
    return Origin(place=place, package="", version="", digest=digest(source))


def _extra_origins(protocol: Protocol, sources: Sequence[Source]) -> dict[str, Origin]:
    origins = {f"protocol {protocol.name}": _origin_of(protocols, protocol)}
    for source in sources:
        origins[f"dataset {source.dataset.name}"] = _origin_of(datasets, source.dataset)
    return origins


def _component_origins(parameters: Parameters) -> dict[str, Origin]:
    """Where the parts come from that merbench does not ship."""
    origins = {}
    for declared in parameters.declared():
        if declared.components is not None:
            part = declared.components.component(getattr(parameters, declared.name))
            origin = Origin(place=part.place, package=Path(part.place).name, version="", digest=part.digest)
            origins[f"{declared.name} {part.name} of {declared.components.method}"] = origin
    return {name: origin for name, origin in origins.items() if origin.digest}
