"""`merbench compare`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from merbench.cli.completion import complete_runs
from merbench.cli.options import AnyFormat, RuleName
from merbench.plural import plural
from merbench.spec import MetricName

if TYPE_CHECKING:
    from merbench.results.record import RunRecord


def compare(
    run: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN RUN...",
            help="Run folders or records (.json).",
            show_default=False,
            autocompletion=complete_runs,
        ),
    ],
    form: AnyFormat = "text",
    metric: Annotated[
        MetricName | None, typer.Option(help="The metric to compare; if not given, the one that ranks.")
    ] = None,
    rule: RuleName = "last",
    clips: Annotated[
        bool,
        typer.Option(
            "--clips", help="List the clips that only one method of two gets right. Of real data, this names them."
        ),
    ] = False,
    common: Annotated[
        bool,
        typer.Option("--common", help="Compare methods that saw different clips on those that all of them tested."),
    ] = False,
    draws: Annotated[int, typer.Option(min=100, help="Draws of the bootstrap and of the permutation test.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the draws.")] = 0,
) -> None:
    """Compare methods on the same clips. Prints differences with intervals, tests over subjects, and disagreements.

    Runs of several tasks are compared task by task, each in tables of its own; in JSON as a list.
    """
    from merbench.analysis.comparison_tables import as_dict, tables
    from merbench.analysis.finished_runs import compare as compare_runs
    from merbench.cli.run_paths import finished
    from merbench.cli.tables import print_tables
    from merbench.results.loading import load_result

    records = finished(run, load_result)
    tasks = [records] if common else _comparable(records)
    compared = [
        compare_runs(same, metric=metric or "", rule=rule, draws=draws, seed=seed, common=common) for same in tasks
    ]
    if common:
        for record in records:
            tested = sum(map(len, record.keys))
            typer.echo(f"{record.name}: {compared[0].clips} of its {plural(tested, 'clip')} are compared", err=True)
    if form == "json":
        contents = [as_dict(each, clips) for each in compared]
        content = contents if len(contents) > 1 else contents[0]
        typer.echo(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False))
    else:
        print_tables([table for each in compared for table in tables(each, clips)], form)


def _comparable(records: Sequence[RunRecord]) -> list[list[RunRecord]]:
    """The records of each task; those of a task with a single method are left out, in a line each, unless all are."""
    from merbench.cli.run_paths import by_task

    tasks = by_task(records)
    comparable = [same for same in tasks if len({record.group for record in same}) > 1]
    if not comparable or len(tasks) == 1:
        return [list(records)]  # which the comparison refuses, with what differs
    for same in tasks:
        if same not in comparable:
            names = ", ".join(str(record.name) for record in same)
            typer.echo(f"left out: {names}: no other method was run on {_described(same[0])}", err=True)
    return comparable


def _described(record: RunRecord) -> str:
    task, perturbed = record.task, record.description.perturbed or {}
    changed = [f"{name}={value}" for name, value in perturbed.items()]
    return ", ".join([f"{task.protocol} on {task.data}", task.scheme, *changed])
