"""`merbench data`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from merbench.cli import data_check as checking
from merbench.cli import data_import as importing
from merbench.cli.completion import complete_datasets
from merbench.cli.options import AnyFormat, Plugins, build_dataset, load_plugins
from merbench.cli.renamed import RenamingCommand
from merbench.plural import plural

#: Between two lines of progress where there is no terminal.
_SECONDS = 10.0

app = typer.Typer(help="Check, list, mock, import and export datasets.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def top() -> None:
    """Check, list, mock, import and export datasets."""


@app.command("mock", cls=RenamingCommand)
def mock(
    name: Annotated[str, typer.Argument(help="A dataset.", autocompletion=complete_datasets)],
    out: Annotated[Path, typer.Option(help="A new or empty folder.")],
    subjects: Annotated[int, typer.Option(min=1, help="How many subjects.")] = 4,
    clips: Annotated[int, typer.Option(min=1, help="How many clips per subject.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="The seed; another seed gives other subjects.")] = 0,
    full: Annotated[
        bool, typer.Option("--full", help="Write the full table: real numbers of clips and subjects.")
    ] = False,
    frames: Annotated[
        str, typer.Option(help="Frames to render; key: those that methods read; all: as distributed; none.")
    ] = "key",
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="dataset.NAME=VALUE", help="A parameter of the dataset.")
    ] = None,
    plugin: Plugins = None,
) -> None:
    """Write a mock dataset of synthetic faces. It is laid out as the dataset is distributed."""
    from merbench.synthetic.mock_tree import write_mock

    load_plugins(plugin)
    dataset = build_dataset(name, set_)
    write_mock(dataset, out, subjects=subjects, clips=clips, seed=seed, frames=frames, full=full, progress=_Progress())
    size = "the whole table" if full else f"{plural(subjects, 'subject')}, {plural(clips, 'clip')} each"
    typer.echo(f"{dataset.name} mock: {out} ({size}; {'no frames' if frames == 'none' else 'synthetic faces'})")


app.command("check", cls=RenamingCommand)(checking.check)


@app.command("list", cls=RenamingCommand)
def list_roots(form: AnyFormat = "text") -> None:
    """List the folder of each dataset. As configured by MERBENCH_DATA or by merbench.toml in this folder."""
    from merbench.analysis.table import Table
    from merbench.cli.tables import print_tables
    from merbench.data.locations import configured, configured_roots
    from merbench.registry import datasets

    known = [kind.name for kind in datasets.entries() if not kind.synthetic]
    rows = []
    for name in known:
        root = configured(name, datasets.canonical)
        status = (
            ("", "", "not configured")
            if root is None
            else (str(root.path), root.by, "found" if root.exists else "MISSING")
        )
        rows.append((name, *status))
    rows += [
        (name, str(root.path), root.by, "no such dataset")
        for name, root in configured_roots(datasets.canonical).items()
        if name not in known
    ]
    columns = ("dataset", "path", "by", "state")
    print_tables([Table(title="Data folders", columns=columns, rows=tuple(rows), text_columns=4)], form)
    if form == "text" and not any(row[1] for row in rows):
        typer.echo("To configure one, write merbench.toml in this folder:\n  [data]\n  casme2 = 'DIR'")


@app.command("export", cls=RenamingCommand)
def export(
    name: Annotated[str, typer.Argument(help="A dataset.", autocompletion=complete_datasets)],
    out: Annotated[Path, typer.Option(help="A new CSV file.")],
    data: Annotated[Path | None, typer.Option(help="The data folder; if not given, as configured.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="dataset.NAME=VALUE", help="A parameter of the dataset.")
    ] = None,
    plugin: Plugins = None,
) -> None:
    """Write a dataset's table as a CSV file. It can be edited; the dataset manifest reads it."""
    from merbench.data.export import export as write
    from merbench.data.locations import configured
    from merbench.data.source import Source
    from merbench.registry import datasets

    load_plugins(plugin)
    dataset = build_dataset(name, set_)
    known = None if data is not None else configured(dataset.name, datasets.canonical)
    clips = write(Source(dataset=dataset, root=data if known is None else known.path), out)
    typer.echo(f"{dataset.name} table: {out} ({plural(clips, 'clip')})")


app.command("import", cls=RenamingCommand)(importing.import_table)


class _Progress:
    """Says how many clips are written: in place on a terminal, else in a line every ten seconds, and at the end."""

    def __init__(self) -> None:
        self._said = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Say it, if it is time."""
        line = f"{done} of {plural(total, 'clip')} written"
        if sys.stderr.isatty():
            typer.echo(f"\r{line}", nl=done == total, err=True)
        elif done == total or time.monotonic() - self._said >= _SECONDS:
            self._said = time.monotonic()
            typer.echo(line, err=True)
