"""Options of commands that train: where the work is done, where records are, and what is reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from merbench.cli.completion import complete_trackers
from merbench.cli.option_headings import COMPUTING, OUTPUT
from merbench.cli.options import Executor
from merbench.errors import UsageError

if TYPE_CHECKING:
    from merbench.experiments.events import Observer

Workers = Annotated[
    int | None,
    typer.Option(min=1, help="How many workers; one per GPU, else per processor.", rich_help_panel=COMPUTING),
]
RunsFolder = Annotated[Path, typer.Option("--runs-dir", help="The folder that holds all runs.", rich_help_panel=OUTPUT)]
Track = Annotated[
    list[str] | None,
    typer.Option(
        "--track",
        metavar="NAME",
        autocompletion=complete_trackers,
        help="Also report to tensorboard, mlflow or wandb; repeatable.",
        rich_help_panel=OUTPUT,
    ),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", help="Print results only; the run's folder has the log.", rich_help_panel=OUTPUT)
]
Verbose = Annotated[
    bool, typer.Option("--verbose", help="Print every epoch, and every clip that is left out.", rich_help_panel=OUTPUT)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionOptions:
    """What every command that trains takes to say where the work is done and where records are kept."""

    executor: Executor = "local"
    workers: Workers = None
    runs_dir: RunsFolder = Path("runs")
    track: Track = None
    quiet: Quiet = False
    verbose: Verbose = False

    def observers(self) -> Callable[[], Observer]:
        """What makes the observer of each run.

        Raises:
            UsageError: for --quiet with --verbose, or a tracker that cannot be used.
        """
        from merbench.cli.progress import observers

        if self.quiet and self.verbose:
            raise UsageError("--quiet and --verbose exclude each other; leave one out.")
        return observers(quiet=self.quiet, verbose=self.verbose, track=self.track or ())
