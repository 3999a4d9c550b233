"""`merbench data`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from merbench.cli.options import Plugins, load_plugins, read_settings
from merbench.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from merbench.dataset import Dataset

app = typer.Typer(help="Stand-in data, and tables of data.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def top() -> None:
    """Stand-in data, and tables of data."""


@app.command("mock")
def mock(
    name: Annotated[str, typer.Argument(help="A dataset.")],
    out: Annotated[Path, typer.Option(help="A new or empty folder.")],
    subjects: Annotated[int, typer.Option(min=1, help="How many subjects.")] = 4,
    clips: Annotated[int, typer.Option(min=1, help="How many clips a subject.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Other seeds draw other people.")] = 0,
    frames: Annotated[str, typer.Option(help="key: those any method reads; all: every frame, as distributed.")] = "key",
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="dataset.NAME=VALUE", help="A parameter of the dataset.")
    ] = None,
    plugin: Plugins = None,
) -> None:
    """Write a stand-in tree: laid out as the dataset is distributed, with drawn faces."""
    from merbench.dataset import write_stand_in

    load_plugins(plugin)
    made = _dataset(name, set_)
    if frames not in ("key", "all"):
        raise UsageError(f"frames={frames} is not possible: it must be key or all.")
    write_stand_in(made, out, subjects=subjects, clips=clips, seed=seed, frames=frames, progress=_say)
    typer.echo(f"{name} stand-in: {out} ({subjects} subjects, {clips} clips each; drawn faces)")


@app.command("export")
def export(
    name: Annotated[str, typer.Argument(help="A dataset.")],
    out: Annotated[Path, typer.Option(help="A new CSV file.")],
    data: Annotated[Path | None, typer.Option(help="The folder the data lies in.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="dataset.NAME=VALUE", help="A parameter of the dataset.")
    ] = None,
    plugin: Plugins = None,
) -> None:
    """Write a dataset's table as a CSV file that the dataset manifest reads, to be changed by hand or by program."""
    from merbench.dataset import Source
    from merbench.export import export as write

    load_plugins(plugin)
    clips = write(Source(dataset=_dataset(name, set_), root=data), out)
    typer.echo(f"{name} table: {out} ({clips} clips)")


def _dataset(name: str, set_: list[str] | None) -> Dataset:
    from merbench.registry import datasets

    kind = datasets.get(name)
    given = {key.removeprefix("dataset."): value for key, value in read_settings(set_).items()}
    for key in given:
        if key not in kind.Parameters.names():
            raise UnknownName(
                f"parameter of {name}", f"dataset.{key}", [f"dataset.{k}" for k in kind.Parameters.names()]
            )
    return kind(kind.Parameters().changed(given))


def _say(done: int, total: int) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{done} of {total} clips drawn", nl=done == total, err=True)
    elif done == total or done % 50 == 0:
        typer.echo(f"{done} of {total} clips drawn", err=True)
