"""`merbench data`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from merbench.cli import data_check as checking
from merbench.cli.options import Plugins, load_plugins, made_dataset

app = typer.Typer(
    help="Stand-in data, tables of data, and what can be said of them.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def top() -> None:
    """Stand-in data, tables of data, and what can be said of them."""


@app.command("mock")
def mock(
    name: Annotated[str, typer.Argument(help="A dataset.")],
    out: Annotated[Path, typer.Option(help="A new or empty folder.")],
    subjects: Annotated[int, typer.Option(min=1, help="How many subjects.")] = 4,
    clips: Annotated[int, typer.Option(min=1, help="How many clips a subject.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Other seeds draw other people.")] = 0,
    full: Annotated[bool, typer.Option("--full", help="The whole table: real numbers of clips and subjects.")] = False,
    frames: Annotated[str, typer.Option(help="key: those any method reads; all: as distributed; none.")] = "key",
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="dataset.NAME=VALUE", help="A parameter of the dataset.")
    ] = None,
    plugin: Plugins = None,
) -> None:
    """Write a stand-in tree: laid out as the dataset is distributed, with drawn faces."""
    from merbench.data.source import write_stand_in

    load_plugins(plugin)
    made = made_dataset(name, set_)
    write_stand_in(made, out, subjects=subjects, clips=clips, seed=seed, frames=frames, full=full, progress=_say)
    size = "the whole table" if full else f"{subjects} subjects, {clips} clips each"
    typer.echo(f"{name} stand-in: {out} ({size}; {'no frames' if frames == 'none' else 'drawn faces'})")


app.command("check")(checking.check)


@app.command("list")
def list_roots() -> None:
    """List where each dataset lies: by MERBENCH_DATA, or by merbench.toml in this folder."""
    from merbench.analysis.tables import Table
    from merbench.cli.tables import print_table
    from merbench.data.locations import configured, configured_roots
    from merbench.registry import datasets

    known = [kind.name for kind in datasets.entries() if not kind.drawn]
    rows = []
    for name in known:
        root = configured(name)
        told = (
            ("", "", "not configured")
            if root is None
            else (str(root.path), root.by, "found" if root.found else "MISSING")
        )
        rows.append((name, *told))
    rows += [
        (name, str(root.path), root.by, "no such dataset")
        for name, root in configured_roots().items()
        if name not in known
    ]
    print_table(
        Table(title="Data folders", columns=("dataset", "path", "by", "state"), rows=tuple(rows), text_columns=4)
    )


@app.command("export")
def export(
    name: Annotated[str, typer.Argument(help="A dataset.")],
    out: Annotated[Path, typer.Option(help="A new CSV file.")],
    data: Annotated[Path | None, typer.Option(help="The folder the data lies in, where it is not configured.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="dataset.NAME=VALUE", help="A parameter of the dataset.")
    ] = None,
    plugin: Plugins = None,
) -> None:
    """Write a dataset's table as a CSV file that the dataset manifest reads, to be changed by hand or by program."""
    from merbench.data.export import export as write
    from merbench.data.locations import configured
    from merbench.data.source import Source

    load_plugins(plugin)
    known = None if data is not None else configured(name)
    clips = write(Source(dataset=made_dataset(name, set_), root=data if known is None else known.path), out)
    typer.echo(f"{name} table: {out} ({clips} clips)")


def _say(done: int, total: int) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{done} of {total} clips written", nl=done == total, err=True)
    elif done == total or done % 50 == 0:
        typer.echo(f"{done} of {total} clips written", err=True)
