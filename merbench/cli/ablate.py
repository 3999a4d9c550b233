"""`merbench ablate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from merbench.cli.execution_options import ExecutionOptions
from merbench.cli.option_groups import with_option_groups
from merbench.cli.options import MethodName, RunOptions, Seeds
from merbench.errors import UsageError
from merbench.plural import plural

if TYPE_CHECKING:
    from merbench.analysis.table import Table
    from merbench.experiments.runs import Execution
    from merbench.spec import RunSpec

_FORMS = {".md": "markdown", ".csv": "csv"}
#: Names the marks in a markdown file between which the table is placed.
_TABLE = "ablation"


@with_option_groups
def ablate(
    method: MethodName,
    options: RunOptions,
    execution: ExecutionOptions,
    vary: Annotated[
        str,
        typer.Option(
            metavar="NAME,NAME=VALUE,VALUE,…",
            help="Parameters to vary, with all their choices or the given values; if not given, all components.",
        ),
    ] = "",
    grid: Annotated[
        bool, typer.Option("--grid", help="Run every combination instead of one change at a time.")
    ] = False,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="TABLE.md|TABLE.csv",
            help="A file for the table; repeatable. If it marks a block for a table, only the block is replaced.",
        ),
    ] = None,
    rules: Annotated[
        str,
        typer.Option(
            "--select-epoch",
            metavar="RULE,RULE",
            help="Selection rules; the table shows last, and oracle as optimism.",
        ),
    ] = "last,oracle",
    seeds: Seeds = 1,
    check: Annotated[
        bool, typer.Option("--check", help="Say what would be run and how long each run takes, and stop.")
    ] = False,
) -> None:
    """Measure what each component of a method is worth. Run it again to resume where it stopped."""
    from merbench.analysis.ablation_runs import ablate_spec, varied_specs
    from merbench.cli.tables import print_table, print_wrapped
    from merbench.experiments.runs import Execution
    from merbench.experiments.specify import specification

    files = table_files(out, _TABLE)
    keywords = options.keywords()
    keywords["rules"] = rules
    spec = specification(method, **keywords)
    where = Execution(executor=execution.executor, workers=execution.workers, runs=execution.runs_dir)
    observers = execution.observers()
    if check:
        check_settings(varied_specs(spec, vary, grid=grid, on_note=note), seeds, where)
        return
    ablation = ablate_spec(spec, vary, grid=grid, seeds=seeds, execution=where, observers=observers, on_note=note)
    print_table(ablation.table)
    for label, runs in ablation.runs.items():
        print_wrapped(f"records, {label}: {' '.join(str(run.path) for run in runs)}")
    for path, form in files:
        write_table(ablation.table, path, form, _TABLE)


def check_settings(specs: Mapping[str, RunSpec], seeds: int, execution: Execution) -> None:
    """Check the first seed of each setting; the others differ in nothing that is checked."""
    from merbench.cli.dry_run import check_specs

    note(f"{plural(len(specs), 'setting')}, {plural(len(specs) * seeds, 'run')}: {'; '.join(specs)}")
    check_specs(list(specs.values()), execution)


def note(line: str) -> None:
    """Print a line to standard error."""
    typer.echo(line, err=True)


def table_files(out: Sequence[Path] | None, name: str) -> list[tuple[Path, str]]:
    """The files for a table, each with its form; `name` is that of its block in a markdown file.

    Raises:
        UsageError: for a file that cannot be written, or would be lost.
    """
    from merbench.analysis.markdown_block import require_place

    for path in out or ():
        if path.suffix == ".md":
            require_place(path, name)
        if path.suffix not in _FORMS:
            raise UsageError(f"--out {path} is not possible: its name must end in {' or '.join(_FORMS)}.")
        if not path.parent.is_dir():
            raise UsageError(f"--out {path} is not possible: there is no folder {path.parent}; make it first.")
    return [(path, _FORMS[path.suffix]) for path in out or ()]


def write_table(table: Table, path: Path, form: str, name: str) -> None:
    """Write a table to a file, in markdown in place of the block of that name."""
    from merbench._files.atomic import atomic_write
    from merbench.analysis.markdown_block import placed
    from merbench.analysis.render import render

    rendered = render(table, form)
    content = (placed(rendered, path, name) if form == "markdown" else rendered).encode()
    atomic_write(path, content)
    typer.echo(f"table: {path}")
