"""`merbench list` and `merbench info`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from merbench.cli.completion import complete_entries
from merbench.cli.options import AnyFormat, Plugins, load_plugins, load_plugins_that_work, read_settings
from merbench.cli.tables import print_tables, print_wrapped
from merbench.errors import EntryError, UnknownName, UsageError
from merbench.plural import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from merbench.analysis.table import Table
    from merbench.entries.parameters import Parameters, Value
    from merbench.entries.recipe import Training
    from merbench.registry import Registry

#: Settings of training that `info` gives of every recipe, the default or not.
_ALWAYS_SAID = ("epochs", "batch", "optimiser", "learning_rate", "schedule", "loss")


def list_entries(
    kind: Annotated[
        Literal["methods", "datasets", "protocols", "alignments"] | None,
        typer.Argument(help="What to list; all entries if not given."),
    ] = None,
    form: AnyFormat = "text",
    plugin: Plugins = None,
    check: Annotated[
        bool, typer.Option("--check", help="Load each entry and read what it declares; exit code 1 if one is broken.")
    ] = False,
) -> None:
    """List what is installed, and what is broken. For methods also what each sees, and whether it can be explained."""
    from merbench.registry import EVERY

    if kind == "alignments":
        print_tables([_alignments()], form)
        return
    stray = load_plugins_that_work(plugin)
    sound = True
    if form == "text":
        for registry in EVERY:
            if kind not in (None, registry.kind):
                continue
            in_table = kind == "methods" and not check
            sound = (_print_broken(registry) if in_table else _print_entries(registry, check)) and sound
    if kind == "methods":
        from merbench.cli.method_rows import cached_methods_table

        print_tables([cached_methods_table()], form)
    elif form != "text":
        print_tables([_entry_table(registry) for registry in EVERY if kind in (None, registry.kind)], form)
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
        facts = f"BROKEN: {fault}" if fault else _facts(registry, entry)
        print_wrapped(f"  {entry.name:<{width}}  {facts}", " " * (width + 4))
    return _print_broken(registry, width) and not unusable


def _print_broken(registry: Registry[Any], width: int = 0) -> bool:
    """Print the entries that cannot be loaded; whether there is none."""
    for broken in registry.broken:
        print_wrapped(f"  {broken.name:<{width}}  BROKEN, in {broken.place}: {broken.reason}", " " * (width + 4))
    return not registry.broken


def _entry_table(registry: Registry[Any]) -> Table:
    from merbench.analysis.table import Table

    rows = [(entry.name, entry.title, registry.origins[entry.name].package) for entry in registry.entries()]
    return Table(title=registry.kind, columns=(registry.singular, "title", "package"), rows=tuple(rows), text_columns=3)


def _alignments() -> Table:
    from merbench.analysis.table import Table
    from merbench.inputs.alignment.geometry import STYLES

    crops = [(name, "×".join(map(str, style.size)), style.reason) for name, style in STYLES.items()]
    return Table(
        title="Alignments: merbench run --alignment NAME",
        columns=("alignment", "size", "what it is"),
        rows=(("none", "–", "frames as distributed"), *crops),
        text_columns=3,
        notes=('Those that find faces need the extra align: pip install "merbench[align]".',),
    )


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
    name: Annotated[
        str, typer.Argument(help="A method, dataset, protocol or label scheme.", autocompletion=complete_entries)
    ],
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="A setting of a method, such as width=16, to count trainable parameters with; repeatable.",
        ),
    ] = None,
    plugin: Plugins = None,
) -> None:
    """Describe a method, dataset, protocol or label scheme. Parameters and their sources, recipes, counts."""
    from merbench.annotations.unit_schemes import unit_scheme
    from merbench.cli.schemes import print_scheme, scheme_names
    from merbench.registry import EVERY, not_taken_in

    load_plugins(plugin)
    entries = [(registry, registry.get(name)) for registry in EVERY if name in registry]
    schemes = scheme_names()
    if (listed := unit_scheme(name)) is not None:
        name = listed.name
        schemes.add(name)
    if not entries and name not in schemes:
        for registry in EVERY:
            if any(broken.name == name for broken in registry.broken):
                registry.get(name)
        known = [*(known for each in EVERY for known in each.names()), *sorted(schemes)]
        raise UnknownName("name", name, known, not_taken_in(name))
    for place, (registry, entry) in enumerate(entries):
        typer.echo("\n" if place else "", nl=False)
        _print_entry(registry, entry)
    if set_:
        _print_count(name, set_)
    if name in schemes:
        typer.echo("\n" if entries else "", nl=False)
        print_scheme(name)


def _print_entry(registry: Registry[Any], entry: Any) -> None:
    import inspect

    from merbench.cli.schemes import print_schemes_of

    print_wrapped(f"{registry.singular} {entry.name}: {entry.title}")
    for paragraph in (inspect.getdoc(entry) or "").replace("``", "`").split("\n\n"):
        print_wrapped(paragraph if "\n " in paragraph else " ".join(paragraph.split("\n")), "")
        typer.echo()
    if entry.reference:
        print_wrapped(f"reference: {entry.reference}")
    if access := getattr(entry, "access", ""):
        print_wrapped(f"access: {access}")
    print_wrapped(f"defined in: {registry.origins[entry.name].place}")
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
        print_wrapped("\nparameters (--set NAME=VALUE):")
    for declared in parameters.declared():
        print_wrapped(f"  {prefix}{declared.name} = {declared.default}: {declared.rule}; {declared.reason}")


def _print_method(entry: Any) -> None:
    from merbench.entries.recipe import Training
    from merbench.method import NetworkMethod, recipes_of

    for name, recipe in recipes_of(entry).items():
        print_wrapped(f"\nrecipe {name}: {recipe.source}")
        print_wrapped(f"  parameters: {_listed(recipe.parameters) or 'the defaults'}")
        if recipe.training is not None:
            print_wrapped(f"  training: {_listed(_trained(recipe.training))}")
            print_wrapped(f"  {recipe.training.clip_order}")
    if names := ", ".join(each.name for each in entry.reproductions if each.method == entry.name):
        print_wrapped(f"\nprinted results (merbench reproduce NAME): {names}")
    if issubclass(entry, NetworkMethod):
        _print_parameters(Training, "")
        for classes in (3, 5):
            method = entry(entry.Parameters().changed(entry.recipe("published", classes).parameters))
            print_wrapped(
                f"\ntrainable parameters, {plural(classes, 'class')}, published: {method.parameter_count(classes):,}"
            )
        _print_part_counts(entry)
    _print_inputs(entry)


def _listed(values: Mapping[str, Value]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())


def _trained(training: Training) -> dict[str, Value]:
    """The settings of training that every recipe should say, and those in which it is not the default."""
    usual, values = type(training)().values(), training.values()
    idle = {declared.name for declared in training.declared() if declared.is_idle(values)}
    return {
        name: value
        for name, value in values.items()
        if name not in idle and (name in _ALWAYS_SAID or value != usual[name])
    }


def _seen(method: Any) -> str:
    """What a method sees; of one that needs a file to say so, its own sentence."""
    from merbench.method import declared_inputs

    try:
        return json.dumps(declared_inputs(method).as_dict())
    except UsageError as fault:
        return f"not known yet; {fault}"


def _print_inputs(entry: Any) -> None:
    """What the method sees by each recipe; one line where all see the same."""
    from merbench.method import recipes_of

    seen: dict[str, list[str]] = {}
    for name, recipe in recipes_of(entry).items():
        seen.setdefault(_seen(entry(entry.Parameters().changed(recipe.parameters))), []).append(name)
    for inputs, names in seen.items():
        of = f" of recipe {' and '.join(names)}" if len(seen) > 1 else ""
        print_wrapped(f"\ninputs{of}: {inputs}")


def _print_part_counts(entry: Any) -> None:
    published = entry.Parameters().changed(entry.recipe("published", 5).parameters)
    for declared in entry.Parameters.declared():
        if declared.components is not None:
            variants = {name: entry(published.changed({declared.name: name})) for name in declared.choices}
            counts = (f"{name} {method.parameter_count(5):,}" for name, method in variants.items())
            print_wrapped(f"trainable parameters, 5 classes, by {declared.name}: {', '.join(counts)}")


def _print_count(name: str, pairs: list[str]) -> None:
    from merbench.registry import methods

    kind, settings = methods.get(name), read_settings(pairs)
    for classes in (3, 5):
        published = kind.Parameters().changed(kind.recipe("published", classes).parameters)
        count = kind(published.changed(settings)).parameter_count(classes)
        shown = "–" if count is None else f"{count:,}"
        print_wrapped(f"trainable parameters, {plural(classes, 'class')}, {', '.join(pairs)}: {shown}")


def _print_protocol(entry: Any) -> None:
    from merbench.analysis.table import COMBINED

    print_wrapped(f"\nscheme: {entry.scheme or 'that of the dataset'}, unless --scheme names another")
    print_wrapped(f"datasets: at least {entry.least_datasets}; synthetic data: {', '.join(entry.synthetic_datasets)}")
    print_wrapped(f"every clip held out once: {'yes' if entry.every_clip_once else 'no'}")
    print_wrapped(f"scores: {COMBINED[entry.averaged]}")
    if entry.needs:
        print_wrapped(f"needs of the table: {', '.join(entry.needs)}")
    if entry.subsets_note:
        print_wrapped(f"by subset: {entry.subsets_note}")
    print_wrapped(f"leaky: {'yes, so never ranked' if entry.leaky else 'no, subjects are kept apart'}")
