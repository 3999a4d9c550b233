"""`merbench data`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from merbench.cli.options import Plugins, load_plugins, read_settings
from merbench.errors import UnknownName, UsageError

app = typer.Typer(help="Stand-in data.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def top() -> None:
    """Stand-in data."""


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
    from merbench.registry import datasets

    load_plugins(plugin)
    kind = datasets.get(name)
    given = {key.removeprefix("dataset."): value for key, value in read_settings(set_).items()}
    for key in given:
        if key not in kind.Parameters.names():
            raise UnknownName(
                f"parameter of {name}", f"dataset.{key}", [f"dataset.{k}" for k in kind.Parameters.names()]
            )
    if frames not in ("key", "all"):
        raise UsageError(f"frames={frames} is not possible: it must be key or all.")
    made = kind(kind.Parameters().changed(given))
    write_stand_in(made, out, subjects=subjects, clips=clips, seed=seed, frames=frames, progress=_say)
    typer.echo(f"{name} stand-in: {out} ({subjects} subjects, {clips} clips each; drawn faces)")


def _say(done: int, total: int) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{done} of {total} clips drawn", nl=done == total, err=True)
    elif done == total or done % 50 == 0:
        typer.echo(f"{done} of {total} clips drawn", err=True)
