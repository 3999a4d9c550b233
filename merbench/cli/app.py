"""The command tree."""

from __future__ import annotations

import os
from typing import Annotated

import typer

import merbench
from merbench.cli import ablate as ablating
from merbench.cli import audit as auditing
from merbench.cli import bench_command as benching
from merbench.cli import cache as caching
from merbench.cli import check as proving
from merbench.cli import compare as comparing
from merbench.cli import data
from merbench.cli import explain as explaining
from merbench.cli import leaderboard as board
from merbench.cli import list_info as listing
from merbench.cli import new as creating
from merbench.cli import predict as predicting
from merbench.cli import run as running
from merbench.cli import show as showing
from merbench.cli import tune as tuning

app = typer.Typer(
    name="merbench",
    help="Benchmark methods for micro-expression recognition, honestly.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"merbench {merbench.__version__}")
        raise typer.Exit


def _traceback(wanted: bool) -> None:
    if wanted:
        os.environ["MERBENCH_TRACEBACK"] = "1"


@app.callback()
def top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
    traceback: Annotated[
        bool, typer.Option("--traceback", callback=_traceback, help="Show the whole traceback of a refusal.")
    ] = False,
) -> None:
    """Benchmark methods for micro-expression recognition, honestly."""


app.command("run")(running.run)
app.command("ablate")(ablating.ablate)
app.command("tune")(tuning.tune)
app.command("list")(listing.list_entries)
app.command("info")(listing.info)
app.command("show")(showing.show)
app.command("explain")(explaining.explain)
app.command("predict")(predicting.predict)
app.command("bench")(benching.bench)
app.command("audit")(auditing.audit)
app.command("compare")(comparing.compare)
app.command("new")(creating.new)
app.command("check")(proving.check)
app.add_typer(data.app, name="data")
app.add_typer(caching.app, name="cache")
app.add_typer(board.app, name="leaderboard")
