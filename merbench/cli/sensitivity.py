"""`merbench sensitivity`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from merbench.cli.change_options import ChangeOptions
from merbench.cli.execution_options import ExecutionOptions
from merbench.cli.option_groups import with_option_groups
from merbench.cli.options import MethodName, RunOptions, Seeds


@with_option_groups
def sensitivity(
    options: RunOptions,
    execution: ExecutionOptions,
    method: MethodName,
    varied: ChangeOptions,
    out: Annotated[
        list[Path] | None, typer.Option(metavar="TABLE.md|TABLE.csv", help="A file for the table; repeatable.")
    ] = None,
    seeds: Seeds = 3,
    check: Annotated[
        bool, typer.Option("--check", help="Say what would be run and how long each run takes, and stop.")
    ] = False,
) -> None:
    """Measure how scores depend on labels, apexes and alignment. Run it again to resume where it stopped."""
    from merbench.analysis.sensitivity import checked_specs, sensitivity_spec, take_shifts
    from merbench.cli.ablate import check_settings, note, table_files, write_table
    from merbench.cli.tables import print_table, print_wrapped
    from merbench.experiments.runs import Execution
    from merbench.experiments.specify import specification

    files = table_files(out, "sensitivity")
    changes, keywords = take_shifts(varied.changes(), options.keywords())
    keywords["rules"] = "last,oracle"
    where = Execution(executor=execution.executor, workers=execution.workers, runs=execution.runs_dir)
    spec = specification(method, **keywords)
    observers = execution.observers()
    if check:
        check_settings(checked_specs(spec, changes, note), seeds, where)
        return
    result = sensitivity_spec(
        spec,
        changes,
        seeds=seeds,
        execution=where,
        observers=observers,
        on_note=note,
    )
    print_table(result.table)
    for label, runs in result.runs.items():
        print_wrapped(f"records, {label}: {' '.join(str(run.path) for run in runs)}")
    for path, form in files:
        write_table(result.table, path, form, "sensitivity")
