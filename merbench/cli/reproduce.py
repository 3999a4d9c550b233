"""`merbench reproduce`."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merbench._files.shown import shown
from merbench.cli.execution_options import ExecutionOptions
from merbench.cli.option_groups import with_option_groups
from merbench.cli.options import (
    DEFAULTS,
    CompileSteps,
    DataFolders,
    DeterministicKernels,
    Device,
    MemoryFormatName,
    OnErrorPolicy,
    ParallelFolds,
    Plugins,
    PrecisionName,
    Seed,
    Seeds,
    Settings,
    load_plugins,
    read_data,
    read_settings,
)
from merbench.errors import UsageError

if TYPE_CHECKING:
    from merbench.analysis.reproduction import Reproduced
    from merbench.entries.reproduction import Reproduction
    from merbench.experiments.specify import RunKeywords

#: Exit codes by verdict; 2 is a user's mistake, as everywhere.
CODES = {"reproduced": 0, "not reproduced": 1, "no verdict": 3}
_WIDTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class ReproduceOptions:
    """What the command takes beside the name; everything else is fixed by the reproduction."""

    data: DataFolders = None
    settings: Settings = None
    on_error: OnErrorPolicy = DEFAULTS.on_error
    seed: Seed = DEFAULTS.seed
    device: Device = DEFAULTS.compute.device
    precision: PrecisionName = DEFAULTS.compute.precision
    parallel_folds: ParallelFolds = str(DEFAULTS.compute.parallel_folds)
    compile: CompileSteps = DEFAULTS.compute.compile
    memory_format: MemoryFormatName = DEFAULTS.compute.memory_format
    deterministic: DeterministicKernels = DEFAULTS.compute.deterministic
    plugins: Plugins = None


@with_option_groups
def reproduce(
    options: ReproduceOptions,
    execution: ExecutionOptions,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A printed result; see --list.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="List what can be reproduced, with data and time.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Say what would be run and how long it takes, and stop.")
    ] = False,
    rules: Annotated[
        str | None,
        typer.Option(
            "--select-epoch", metavar="RULE,RULE", help="Selection rules; all if not given. inner trains twice."
        ),
    ] = None,
    seeds: Seeds = 1,
    out: Annotated[Path | None, typer.Option(help="The folder of the run, if there is only one.")] = None,
) -> None:
    """Reproduce a printed result and compare. Exit code 0: reproduced; 1: not reproduced; 3: no verdict; 2: mistake.

    No verdict is given where settings or data are not those of the printed number. Run it again to resume where it
    stopped.
    """
    from merbench.analysis.reproduction import facts, reproduce_specs, seeded
    from merbench.experiments.reproductions import find_reproduction
    from merbench.experiments.runs import Execution

    load_plugins(options.plugins)
    if listed:
        _list()
        return
    if name is None:
        raise UsageError("Name a printed result, or list all: merbench reproduce --list.")
    reproduction = find_reproduction(name)
    for line in facts(reproduction):
        typer.echo(_wrapped(line), err=True)
    specs = seeded(reproduction, seeds, _keywords(options, rules))
    where = Execution(executor=execution.executor, workers=execution.workers, out=out, runs=execution.runs_dir)
    if check:
        from merbench.cli.dry_run import check_specs

        check_specs(specs[:1], where)
        return
    result = reproduce_specs(reproduction, specs, where, execution.observers())
    _report(result)
    if code := CODES[result.verdict]:
        raise typer.Exit(code)


def _keywords(options: ReproduceOptions, rules: str | None) -> RunKeywords:
    keywords: Any = {
        "data": read_data(options.data),
        "settings": read_settings(options.settings),
        "on_error": options.on_error,
        "seed": options.seed,
        "device": options.device,
        "precision": options.precision,
        "parallel_folds": options.parallel_folds,
        "compile": options.compile,
        "memory_format": options.memory_format,
        "deterministic": options.deterministic,
        "plugins": options.plugins or (),
        "rules": rules,
    }
    result: RunKeywords = keywords
    return result


def _report(result: Reproduced) -> None:
    from merbench.analysis.reproduction import comparison_table
    from merbench.cli.tables import print_table

    print_table(comparison_table(result))
    for run in result.runs:
        typer.echo(f"record: {shown(run.path)}")
    typer.echo(_wrapped(f"{result.verdict}: {result.reason}"))


def _list() -> None:
    from merbench.analysis.reproduction import METRICS
    from merbench.analysis.table import Table
    from merbench.cli.tables import print_table
    from merbench.experiments.reproductions import missing_datasets, reproductions

    rows = []
    for each in reproductions().values():
        missing = missing_datasets(each, {})
        cost = "–" if each.duration is None else each.duration.hours
        rule = each.printed.rule if each.printed.rule != "unknown" else "unknown*"
        metric = "acc." if each.metric == "accuracy" else METRICS[each.metric]
        rows.append((each.name, f"{metric} {each.printed.ratio:.4f}", rule, _needs(each, missing), cost))
    print_table(
        Table(
            title="Printed results: merbench reproduce NAME",
            columns=("name", "expected", "rule", "data", "core h"),
            rows=tuple(rows),
            text_columns=4,
        )
    )
    machines = sorted({each.duration.machine for each in reproductions().values() if each.duration is not None})
    typer.echo(
        _wrapped(
            f"core h: hours of one core ({'; '.join(machines)}) under all rules, estimated from what was timed there, "
            "mostly beside other work; --check times training steps on this machine."
        )
    )
    typer.echo(_wrapped("data: ! not configured here; + file: a file that --check names."))
    typer.echo(_wrapped("* the source does not say; judged under last. Details: merbench reproduce NAME --check"))


def _needs(reproduction: Reproduction, missing: Sequence[str]) -> str:
    names = [f"{name}{'!' if name in missing else ''}" for name in reproduction.datasets]
    return " ".join([*names, *("+ file" for _ in reproduction.files)])


def _wrapped(line: str) -> str:
    return textwrap.fill(line, _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
