"""`merbench audit`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from merbench.cli.options import Plugins, load_plugins


def audit(
    run: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run folders or compact records.")],
    plugin: Plugins = None,
) -> None:
    """Check that a run bears out what it claims: subjects kept apart, clips tested once, folds, scores; else exit 1."""
    from merbench.results.audit import audit as audited

    load_plugins(plugin)
    sound = True
    for path in run:
        typer.echo(f"{path}:")
        for finding in audited(path):
            typer.echo(f"  {finding.what}: {finding.verdict}; {finding.detail}")
            sound = sound and finding.verdict != "differs"
    if not sound:
        raise typer.Exit(1)
