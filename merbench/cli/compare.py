"""`merbench compare`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from merbench.errors import UsageError


def compare(
    run: Annotated[
        list[Path], typer.Argument(metavar="RUN RUN...", help="Run folders or compact records.", show_default=False)
    ],
    form: Annotated[str, typer.Option("--format", help="text, markdown, latex, csv or json.")] = "text",
    metric: Annotated[str, typer.Option(help="uf1, uar or accuracy.")] = "uf1",
    rule: Annotated[str, typer.Option(help="last, inner or oracle.")] = "last",
    clips: Annotated[bool, typer.Option("--clips", help="List the clips that only one of two has right.")] = False,
    draws: Annotated[int, typer.Option(min=100, help="Draws of the bootstrap and of the permutation test.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the draws.")] = 0,
) -> None:
    """Compare methods on the same clips: differences with intervals, tests over subjects, where they disagree."""
    from merbench.analysis.comparison import compare as compared
    from merbench.analysis.comparison_tables import as_dict, tables
    from merbench.analysis.render import FORMS, render
    from merbench.cli.run_paths import finished
    from merbench.results.record import read_result

    if form not in ("text", "json", *FORMS):
        raise UsageError(f"format={form} is not possible: it must be one of text, {', '.join(FORMS)}, json.")
    found = compared(finished(run, read_result), rule, metric, draws, seed)
    if form == "json":
        typer.echo(json.dumps(as_dict(found, clips), indent=1, ensure_ascii=False, allow_nan=False))
    elif form == "text":
        from merbench.cli.tables import print_table

        for table in tables(found, clips):
            print_table(table)
    else:
        typer.echo("\n".join(render(table, form) for table in tables(found, clips)), nl=False)
