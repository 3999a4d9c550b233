"""`merbench list` and `merbench info`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merbench.cli.options import Plugins, load_plugins, load_plugins_that_work, read_settings
from merbench.errors import EntryError, UnknownName

if TYPE_CHECKING:
    from merbench.entries.parameters import Parameters
    from merbench.registry import Registry


def list_entries(
    kind: Annotated[str | None, typer.Argument(help="methods, datasets or protocols; all if not given.")] = None,
    plugin: Plugins = None,
    check: Annotated[
        bool, typer.Option("--check", help="Make each entry and read what it declares; exit 1 if one is broken.")
    ] = False,
) -> None:
    """List what is installed, and what is broken and why."""
    from merbench.registry import EVERY

    stray = load_plugins_that_work(plugin)
    known = [registry.kind for registry in EVERY]
    if kind is not None and kind not in known:
        raise UnknownName("kind of entry", kind, known)
    sound = True
    for registry in EVERY:
        if kind in (None, registry.kind):
            sound = _print_entries(registry, check) and sound
    if kind == "methods":
        from merbench.analysis.method_table import methods_table
        from merbench.cli.tables import print_table

        print_table(methods_table())
    for sentence in stray:
        typer.echo(f"BROKEN: {sentence}")
    if check and not (sound and not stray):
        raise typer.Exit(1)


def _print_entries(registry: Registry[Any], check: bool) -> bool:
    """Print the entries of a kind; whether all are sound."""
    names = registry.names()
    width = max(map(len, names), default=0)
    unusable = 0
    typer.echo(f"{registry.kind}:")
    for entry in registry.entries():
        fault = _fault(entry) if check else ""
        unusable += bool(fault)
        typer.echo(f"  {entry.name:<{width}}  {f'BROKEN: {fault}' if fault else _facts(registry, entry)}")
    for broken in registry.broken:
        typer.echo(f"  {broken.name:<{width}}  BROKEN, in {broken.place}: {broken.reason}")
    return not registry.broken and not unusable


def _fault(entry: Any) -> str:
    from merbench.registry import require_usable

    try:
        require_usable(entry)
    except EntryError as fault:
        return str(fault)
    return ""


def _facts(registry: Registry[Any], entry: Any) -> str:
    year = f", {entry.year}" if getattr(entry, "year", None) else ""
    family = f" [{entry.family}{year}]" if hasattr(entry, "family") else ""
    schemes = f" [{', '.join(scheme.name for scheme in entry.schemes)}]" if hasattr(entry, "schemes") else ""
    leaky = " [leaky]" if getattr(entry, "leaky", False) else ""
    origin = registry.origins[entry.name]
    package = "" if origin.package == "merbench" else f" (from {origin.package})"
    return f"{entry.title}{family}{schemes}{leaky}{package}"


def info(
    name: Annotated[str, typer.Argument(help="A method, dataset, protocol or label scheme.")],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Of a method: count what this setting trains."),
    ] = None,
    plugin: Plugins = None,
) -> None:
    """Say all that is known of whatever bears a name: parameters with their reasons, recipes, class sets, counts."""
    from merbench.cli.schemes import print_scheme, scheme_names
    from merbench.registry import EVERY

    load_plugins(plugin)
    found = [(registry, registry.get(name)) for registry in EVERY if name in registry]
    schemes = scheme_names()
    if not found and name not in schemes:
        for registry in EVERY:
            if any(broken.name == name for broken in registry.broken):
                registry.get(name)
        raise UnknownName("name", name, [*(known for each in EVERY for known in each.names()), *sorted(schemes)])
    for place, (registry, entry) in enumerate(found):
        typer.echo("\n" if place else "", nl=False)
        _print_entry(registry, entry)
    if set_:
        _print_count(name, set_)
    if name in schemes:
        typer.echo("\n" if found else "", nl=False)
        print_scheme(name)


def _print_entry(registry: Registry[Any], entry: Any) -> None:
    import inspect

    from merbench.cli.schemes import print_schemes_of

    typer.echo(f"{registry.singular} {entry.name}: {entry.title}")
    typer.echo(inspect.getdoc(entry) or "")
    if entry.reference:
        typer.echo(f"reference: {entry.reference}")
    typer.echo(f"defined in: {registry.origins[entry.name].place}")
    prefix = {"datasets": "dataset.", "protocols": "protocol."}.get(registry.kind, "")
    _print_parameters(entry.Parameters, prefix)
    if registry.kind == "methods":
        _print_method(entry)
    if registry.kind == "datasets":
        print_schemes_of(entry)
    if registry.kind == "protocols":
        _print_protocol(entry)


def _print_parameters(parameters: type[Parameters], prefix: str) -> None:
    if parameters.declared():
        typer.echo("\nparameters (--set NAME=VALUE):")
    for declared in parameters.declared():
        typer.echo(f"  {prefix}{declared.name} = {declared.default}: {declared.rule}; {declared.reason}")


def _print_method(entry: Any) -> None:
    from merbench.entries.recipe import Training
    from merbench.method import NetworkMethod

    for name, recipe in entry.recipes().items():
        typer.echo(f"\nrecipe {name}: {recipe.source}")
        changed = dict(recipe.parameters)
        if recipe.training is not None:
            usual = Training().values()
            changed |= {key: value for key, value in recipe.training.values().items() if value != usual[key]}
        if changed:
            typer.echo("  " + ", ".join(f"{key}={value}" for key, value in changed.items()))
    if issubclass(entry, NetworkMethod):
        _print_parameters(Training, "")
        for classes in (3, 5):
            made = entry(entry.Parameters().changed(entry.recipe("published", classes).parameters))
            typer.echo(f"\ntrained numbers, {classes} classes, published: {made.parameter_count(classes):,}")
        _print_part_counts(entry)
    typer.echo(f"\ninputs: {json.dumps(entry().inputs().as_dict())}")


def _print_part_counts(entry: Any) -> None:
    published = entry.Parameters().changed(entry.recipe("published", 5).parameters)
    for declared in entry.Parameters.declared():
        if declared.parts is not None:
            made = {name: entry(published.changed({declared.name: name})) for name in declared.choices}
            counts = (f"{name} {method.parameter_count(5):,}" for name, method in made.items())
            typer.echo(f"trained numbers, 5 classes, by {declared.name}: {', '.join(counts)}")


def _print_count(name: str, pairs: list[str]) -> None:
    from merbench.registry import methods

    kind, settings = methods.get(name), read_settings(pairs)
    for classes in (3, 5):
        published = kind.Parameters().changed(kind.recipe("published", classes).parameters)
        count = kind(published.changed(settings)).parameter_count(classes)
        shown = "–" if count is None else f"{count:,}"
        typer.echo(f"trained numbers, {classes} classes, {', '.join(pairs)}: {shown}")


def _print_protocol(entry: Any) -> None:
    from merbench.analysis.tables import COMBINED

    typer.echo(f"\nscheme: {entry.scheme or 'that of the dataset'}, unless --scheme names another")
    typer.echo(f"datasets: at least {entry.least_datasets}; drawn data: {', '.join(entry.stand_ins)}")
    typer.echo(f"every clip held out once: {'yes' if entry.every_clip_once else 'no'}")
    typer.echo(f"scores: {COMBINED[entry.averaged]}")
    if entry.needs:
        typer.echo(f"needs of the table: {', '.join(entry.needs)}")
    if entry.parts_note:
        typer.echo(f"by part: {entry.parts_note}")
    typer.echo(f"leaky: {'yes, so never ranked' if entry.leaky else 'no, subjects are kept apart'}")
