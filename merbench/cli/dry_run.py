"""What a run would be, printed without running it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from merbench.spec import RunSpec

if TYPE_CHECKING:
    from merbench.experiments.runs import Execution


def check_specs(specs: Sequence[RunSpec], execution: Execution) -> None:
    """Print what runs would use and how long each takes here; nothing is trained or written.

    Raises:
        MerbenchError: for names, settings, data, folds or folders that cannot be used.
    """
    from merbench.cli.progress import Plain
    from merbench.experiments.dry_run import check_run
    from merbench.experiments.runs import resolve_all
    from merbench.tuning.tuned_runs import TunedFileParameters

    for each in resolve_all(specs, execution, read_tuned=TunedFileParameters):
        checked = check_run(each.experiment, Plain())
        if each.tuned is not None:
            each.tuned.assigned(checked.prepared, None)
        if checked.duration is not None:
            typer.echo(checked.duration.sentence, err=True)
    typer.echo("check: sound so far; frames are read when it is run, and nothing was trained or written")
