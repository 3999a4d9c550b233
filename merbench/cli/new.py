"""`merbench new`."""

from __future__ import annotations

import enum
import os
import shlex
from pathlib import Path
from typing import Annotated

import typer


class Kind(enum.StrEnum):
    """What can be made."""

    method = "method"
    dataset = "dataset"
    protocol = "protocol"


_TRIED = {
    "method": "merbench run -m {name} -p loso",
    "dataset": "merbench data mock {name} --out mock{plugin} && merbench run -m majority -d {name} --data mock",
    "protocol": "merbench run -m majority -p {name}",
}


def new(
    kind: Annotated[Kind, typer.Argument(help="The kind of entry.")],
    name: Annotated[str, typer.Argument(help="Its name: lower-case letters and digits, - between words.")],
    file: Annotated[bool, typer.Option("--file", help="A single file for --plugin, instead of a package.")] = False,
    folder: Annotated[Path, typer.Option("--dir", help="Where to write it.")] = Path(),
) -> None:
    """Write an entry of your own that runs as it is. A package to install, or a single file."""
    from merbench.cli.scaffold import Naming, write_file, write_package

    naming = Naming(kind=kind.value, name=name)
    if file:
        path = write_file(naming, folder)
        typer.echo(f"{path}\nTry it: {_tried(naming.kind, name, f' --plugin {shlex.quote(str(path))}')}")
        return
    place = folder / name
    for path in write_package(naming, place):
        typer.echo(path)
    there = os.fspath(place) if place.is_absolute() else f"./{place}"
    typer.echo(f"Try it: pip install -e {shlex.quote(there)} && {_tried(naming.kind, name, '')}")


def _tried(kind: str, name: str, plugin: str) -> str:
    return _TRIED[kind].format(name=name, plugin=plugin) + plugin
