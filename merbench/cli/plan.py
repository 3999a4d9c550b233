"""`merbench plan`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from merbench.cli.completion import complete_runs
from merbench.cli.options import AnyFormat, RuleName
from merbench.spec import MetricName


def plan(
    run: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN...", help="Run folders or records (.json).", show_default=False, autocompletion=complete_runs
        ),
    ],
    gap: Annotated[float, typer.Option(help="The difference to detect.")] = 0.05,
    power: Annotated[float, typer.Option(help="The probability of detecting it.")] = 0.8,
    methods: Annotated[
        int | None,
        typer.Option(
            help="How many methods are compared, since p is corrected over their pairs; those of the runs if not given."
        ),
    ] = None,
    form: AnyFormat = "text",
    metric: Annotated[
        MetricName | None, typer.Option(help="The metric to compare; if not given, the one that ranks.")
    ] = None,
    rule: RuleName = "last",
) -> None:
    """Estimate how many subjects or seeds a comparison needs. From the variances of finished runs.

    Runs of several tasks are planned task by task, each in a table of its own; in JSON as a list.
    """
    from merbench.analysis.planning import plan as plan_records
    from merbench.analysis.planning_tables import plan_as_dict, plan_table
    from merbench.cli.run_paths import by_task, finished
    from merbench.cli.tables import print_tables
    from merbench.results.loading import load_result

    tasks = by_task(finished(run, load_result))
    planned = [plan_records(same, gap, power, methods=methods, rule=rule, metric=metric or "") for same in tasks]
    if form == "json":
        contents = [plan_as_dict(each) for each in planned]
        content = contents if len(contents) > 1 else contents[0]
        typer.echo(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False))
    else:
        print_tables([plan_table(each) for each in planned], form)
