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
    vary: Annotated[
        str | None,
        typer.Option(
            metavar="keyframe_noise=MOST,…",
            help="Shift onset and apex by up to so many frames, or below 1 a share of the rise; nothing else is "
            "changed unless it is named.",
        ),
    ] = None,
    flips: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE,…",
            help="Shares of training labels to flip, such as 0.1,0.2; empty for none.  [default: 0.1]",
        ),
    ] = None,
    shifts: Annotated[
        str | None,
        typer.Option(
            metavar="FRAMES,…",
            help="Frames to move apexes by, earlier and later, such as 1,3; empty for none.  [default: 2]",
        ),
    ] = None,
    spot: Annotated[
        bool | None,
        typer.Option("--spot/--no-spot", help="Also take as apex the frame that moved furthest.  [default: spot]"),
    ] = None,
    alignments: Annotated[
        str | None,
        typer.Option(
            metavar="auto|NAME,…",
            help="Alignments to try; auto: those available; empty for none.  [default: auto]",
        ),
    ] = None,
    out: Annotated[
        list[Path] | None, typer.Option(metavar="TABLE.md|TABLE.csv", help="A file for the table; repeatable.")
    ] = None,
    seeds: Seeds = 3,
    check: Annotated[
        bool, typer.Option("--check", help="Say what would be run and how long each run takes, and stop.")
    ] = False,
) -> None:
    """Measure how scores depend on labels, apexes and alignment. Run it again to resume where it stopped."""
    from merbench.analysis.sensitivity import Changes, checked_specs, of_shifts, sensitivity_spec
    from merbench.cli.ablate import check_settings, note, table_files, write_table
    from merbench.cli.tables import print_table, print_wrapped
    from merbench.experiments.runs import Execution
    from merbench.experiments.specify import specification

    files = table_files(out, "sensitivity")
    usual = vary is None  # what is changed where nothing is named
    flips, shifts = _or(flips, "0.1", usual), _or(shifts, "2", usual)
    alignments = _or(alignments, "auto", usual)
    named = None if alignments == "auto" else cast("tuple[AlignmentName, ...]", tuple(_words(alignments)))
    changes = Changes(
        flips=_shares(flips),
        shifts=_frames(shifts),
        spot=usual if spot is None else spot,
        alignments=named,
        keyframes=() if vary is None else _keyframes(vary),
    )
    changes, keywords = of_shifts(changes, options.keywords())
    keywords["rules"] = "last,oracle"
    where = Execution(executor=execution.executor, workers=execution.workers, runs=execution.runs_dir)
    spec = specification(method, **keywords)
    if check:
        check_settings(checked_specs(spec, changes, note), seeds, where)
        return
    result = sensitivity_spec(
        spec,
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


def _or(given: str | None, usual: str, apply: bool) -> str:
    return given if given is not None else usual if apply else ""


def _keyframes(text: str) -> tuple[float, ...]:
    """The values of ``keyframe_noise=1,2,0.25``; the specification of each run says which are possible."""
    name, _, values = text.partition("=")
    try:
        if name.strip() != "keyframe_noise" or not _words(values):
            raise ValueError
        return tuple(map(float, _words(values)))
    except ValueError:
        raise UsageError(
            f"--vary {text} is not possible: name the most that key frames are shifted by, in frames or as shares of "
            "the rise, such as --vary keyframe_noise=0,1,2,4."
        ) from None


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
