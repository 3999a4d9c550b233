"""The command tree."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Annotated

import typer

import merbench
from merbench.cli.renamed import PlainGroup, RenamingCommand

#: The module of each command, and the name of its function there.
COMMANDS = {
    "run": ("run", "run"),
    "reproduce": ("reproduce", "reproduce"),
    "ablate": ("ablate", "ablate"),
    "sensitivity": ("sensitivity", "sensitivity"),
    "tune": ("tune", "tune"),
    "list": ("list_info", "list_entries"),
    "info": ("list_info", "info"),
    "show": ("show", "show"),
    "explain": ("explain", "explain"),
    "predict": ("predict", "predict"),
    "pretrain": ("pretrain", "pretrain"),
    "export": ("export", "export"),
    "bench": ("bench_command", "bench"),
    "audit": ("audit", "audit"),
    "compare": ("compare", "compare"),
    "plan": ("plan", "plan"),
    "new": ("new", "new"),
    "check": ("check", "check"),
}
#: The module of each group of commands.
GROUPS = ("data", "cache", "leaderboard")


def build() -> typer.Typer:
    """The command line with all commands."""
    app = typer.Typer(
        cls=PlainGroup,
        name="merbench",
        help="Benchmark methods for micro-expression recognition, honestly.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(top)
    for name, (module, function) in COMMANDS.items():
        app.command(name, cls=RenamingCommand)(getattr(import_module(f"merbench.cli.{module}"), function))
    for name in GROUPS:
        app.add_typer(import_module(f"merbench.cli.{name}").app, name=name, cls=PlainGroup)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"merbench {merbench.__version__}")
        raise typer.Exit


def _traceback(wanted: bool) -> None:
    if wanted:
        os.environ["MERBENCH_TRACEBACK"] = "1"


def top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
    traceback: Annotated[
        bool, typer.Option("--traceback", callback=_traceback, help="Show the full traceback of an error.")
    ] = False,
) -> None:
    """Benchmark methods for micro-expression recognition, honestly."""
