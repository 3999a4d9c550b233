"""`merbench sensitivity`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from merbench.cli.execution_options import ExecutionOptions
from merbench.cli.option_groups import with_option_groups
from merbench.cli.options import MethodName, RunOptions, Seeds
from merbench.errors import UsageError

if TYPE_CHECKING:
    from merbench.spec import AlignmentName


@with_option_groups
def sensitivity(
    options: RunOptions,
    execution: ExecutionOptions,
    method: MethodName,
    flips: Annotated[
        str, typer.Option(metavar="SHARE,…", help="Shares of training labels to flip, such as 0.1,0.2; empty for none.")
    ] = "0.1",
    shifts: Annotated[
        str,
        typer.Option(
            metavar="FRAMES,…", help="Frames to move apexes by, earlier and later, such as 1,3; empty for none."
        ),
    ] = "2",
    spot: Annotated[
        bool, typer.Option("--spot/--no-spot", help="Also take as apex the frame that moved furthest.")
    ] = True,
    alignments: Annotated[
        str, typer.Option(metavar="auto|NAME,…", help="Alignments to try; auto: those available; empty for none.")
    ] = "auto",
    out: Annotated[
        list[Path] | None, typer.Option(metavar="TABLE.md|TABLE.csv", help="A file for the table; repeatable.")
    ] = None,
    seeds: Seeds = 3,
) -> None:
    """Measure how scores depend on labels, apexes and alignment. Run it again to resume where it stopped."""
    from merbench.analysis.sensitivity import Changes, sensitivity_spec
    from merbench.cli.ablate import note, table_files, write_table
    from merbench.cli.tables import print_table, print_wrapped
    from merbench.experiments.runs import Execution
    from merbench.experiments.specify import specification

    files = table_files(out, "sensitivity")
    named = None if alignments == "auto" else cast("tuple[AlignmentName, ...]", tuple(_words(alignments)))
    changes = Changes(flips=_shares(flips), shifts=_frames(shifts), spot=spot, alignments=named)
    keywords = options.keywords()
    keywords["rules"] = "last,oracle"
    where = Execution(executor=execution.executor, workers=execution.workers, runs=execution.runs_dir)
    result = sensitivity_spec(
        specification(method, **keywords),
        changes,
        seeds=seeds,
        execution=where,
        observers=execution.observers(),
        on_note=note,
    )
    print_table(result.table)
    for label, runs in result.runs.items():
        print_wrapped(f"records, {label}: {' '.join(str(run.path) for run in runs)}")
    for path, form in files:
        write_table(result.table, path, form, "sensitivity")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _shares(text: str) -> tuple[float, ...]:
    try:
        return tuple(map(float, _words(text)))
    except ValueError:
        raise UsageError(f"--flips {text} is not possible: name shares of the clips, such as 0.1,0.2.") from None


def _frames(text: str) -> tuple[int, ...]:
    try:
        return tuple(map(int, _words(text)))
    except ValueError:
        raise UsageError(f"--shifts {text} is not possible: name whole numbers of frames, such as 1,2.") from None
