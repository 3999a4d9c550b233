"""What `merbench info` says of label schemes: of all that bear a name, or of those of one dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from merbench.annotations.schemes import LabelScheme
    from merbench.dataset import Dataset


def scheme_names() -> set[str]:
    """The names of the schemes of every dataset that is installed."""
    from merbench.registry import datasets

    return {scheme.name for kind in datasets.entries() for scheme in kind.schemes}


def print_scheme(name: str) -> None:
    """Print the schemes of that name, dataset by dataset, and the protocols that choose it."""
    from merbench.registry import datasets, protocols

    own = [(kind, scheme) for kind in datasets.entries() for scheme in kind.schemes if scheme.name == name]
    choosing = [protocol.name for protocol in protocols.entries() if protocol.scheme == name]
    typer.echo(f"scheme {name}: {_classes(own[0][1])}")
    typer.echo(f"datasets: {', '.join(kind.name for kind, _ in own)}")
    if choosing:
        typer.echo(f"protocols that take it unless --scheme names another: {', '.join(choosing)}")
    for kind, scheme in own:
        alike = scheme.classes == own[0][1].classes
        typer.echo(f"\n{kind.name}{'' if alike else f': {_classes(scheme)}'}")
        _print_lines(kind, scheme)


def print_schemes_of(kind: type[Dataset]) -> None:
    """Print the schemes of a dataset."""
    for scheme in kind.schemes:
        typer.echo(f"\nscheme {scheme.name}: {_classes(scheme)}")
        _print_lines(kind, scheme)


def _print_lines(kind: type[Dataset], scheme: LabelScheme) -> None:
    if scheme.column != "emotion" and scheme.classes:
        typer.echo(f"  by the column {scheme.column!r}")
    if scheme.mapping:
        typer.echo(f"  {_mapping(scheme)}")
        typer.echo(f"  falls out: {_falls_out(kind, scheme)}")
    if scheme.excluded:
        typer.echo(f"  excluded clips: {', '.join(sorted(scheme.excluded))}")
    for state, counts in scheme.counts.items():
        typer.echo(f"  {_counted(state, counts, scheme.subjects.get(state))}")
    if kind.drawn and scheme.classes:
        typer.echo(f"  {_drawn(kind, scheme)}")
    typer.echo(f"  source: {scheme.source}")
    if scheme.users:
        typer.echo(f"  used by: {scheme.users}")


def _mapping(scheme: LabelScheme) -> str:
    values = {label: [value for value, to in scheme.mapping.items() if to == label] for label in scheme.classes}
    return "; ".join(f"{', '.join(found)} → {label}" for label, found in values.items() if found)


def _classes(scheme: LabelScheme) -> str:
    return ", ".join(scheme.classes) or f"those of the column {scheme.column!r}"


def _falls_out(kind: type[Dataset], scheme: LabelScheme) -> str:
    """Every value that is not mapped; named are those that other schemes of the dataset map, or that are drawn."""
    if kind.drawn:
        values = {str(value) for value in kind().table(None).table[scheme.column]}
        return ", ".join(sorted(value for value in values if value.lower() not in scheme.mapping)) or "nothing"
    known = {value for other in kind.schemes if other.column == scheme.column for value in other.mapping}
    named = ", ".join(sorted(known - set(scheme.mapping)))
    return f"{named}, and whatever else the table says" if named else "whatever else the table says"


def _counted(state: str, counts: Mapping[str, int], subjects: int | None) -> str:
    of = f" of {subjects} subjects" if subjects is not None else ""
    by_class = ", ".join(f"{label} {count}" for label, count in counts.items())
    return f"{state}: {sum(counts.values())} clips{of} = {by_class}"


def _drawn(kind: type[Dataset], scheme: LabelScheme) -> str:
    """The counts of what is drawn if nothing is set."""
    table = kind().table(None).table
    columns = zip(table["subject"], table["clip"], table[scheme.column], strict=True)
    rows = [(scheme.label(str(subject), str(clip), str(value)), str(subject)) for subject, clip, value in columns]
    found = Counter(label for label, _ in rows if label is not None)
    subjects = len({subject for label, subject in rows if label is not None})
    return _counted("as drawn by default", {label: found[label] for label in scheme.classes}, subjects)
