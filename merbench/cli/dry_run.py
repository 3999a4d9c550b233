"""What a run would be, printed without running it."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from merbench.spec import RunSpec


def check_specs(specs: Sequence[RunSpec]) -> None:
    """Print what runs would use and how long each takes here; nothing is trained or written.

    Raises:
        MerbenchError: for names, settings, data or folds that cannot be used.
    """
    from merbench.cli.progress import Plain
    from merbench.experiments.dry_run import check_run
    from merbench.experiments.executors.request import request

    for spec in specs:
        checked = check_run(request(spec).experiment(), Plain())
        if checked.duration is not None:
            typer.echo(checked.duration.sentence, err=True)
    typer.echo("check: sound so far; frames are read when it is run, and nothing was trained or written")
