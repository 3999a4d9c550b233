"""Tables and lines on the terminal."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from typing import TextIO

import typer

from merbench.analysis.table import Table
from merbench.cli.text_table import table_lines, wrapped


def print_table(table: Table) -> None:
    """Print a table to standard output: words to the left, numbers to the right, folded to fit a terminal."""
    for line in table_lines(table, terminal_width(sys.stdout)):
        typer.echo(line)
    if table.notes:
        typer.echo()


def print_tables(tables: Sequence[Table], form: str) -> None:
    """Print tables as text, markdown, LaTeX, CSV or JSON; all but text hold every column."""
    from merbench.analysis.render import render

    if form == "json":
        contents = [
            {"title": each.title, "columns": each.columns, "rows": each.rows, "notes": each.notes} for each in tables
        ]
        typer.echo(json.dumps(contents, indent=1, ensure_ascii=False))
        return
    if form != "text":
        typer.echo("\n".join(render(each, form) for each in tables), nl=False)
        return
    for each in tables:
        print_table(each)


def print_wrapped(line: str, indent: str = "  ", *, err: bool = False) -> None:
    """Print lines, folded at spaces to fit a terminal; what is folded goes on after `indent`."""
    width = terminal_width(sys.stderr if err else sys.stdout)
    for each in line.split("\n"):
        for part in wrapped(each, width, indent):
            typer.echo(part, err=err)


def terminal_width(stream: TextIO) -> int | None:
    """The columns of the terminal that the stream is, or COLUMNS if set; None for a file or a pipe."""
    if os.environ.get("COLUMNS", "").isdigit():
        return max(20, int(os.environ["COLUMNS"]))
    return max(20, shutil.get_terminal_size().columns) if stream.isatty() else None
