"""`merbench show`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from merbench._files.shown import shown
from merbench.cli.completion import complete_runs
from merbench.cli.options import AnyFormat, DataFolders
from merbench.errors import MerbenchError, UsageError
from merbench.kind_names import MULTI_NAME
from merbench.plural import plural
from merbench.selection import Rule

if TYPE_CHECKING:
    from merbench.analysis.table import Table
    from merbench.results.run import Run

TableName = Literal[
    "scores", "parts", "classes", "folds", "confusion", "calibration", "action-units", "thresholds", "ablation", "all"
]


_NOTHING: Mapping[str, str] = {
    "parts": "the protocols of these runs report no parts",
    "calibration": "these methods give classes, not probabilities, or their tasks are multi-label",
    "thresholds": "these runs predict by the highest probability, or units above 0.5",
    "action-units": "no clip of these runs has coded action units; of tasks of action units, --table classes has them",
}

_ONE_FILE = "--config prints the file of one run; name one."


def show(
    run: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN...",
            help="Runs, or a folder of runs to list.",
            show_default=False,
            autocompletion=complete_runs,
        ),
    ],
    form: AnyFormat = "text",
    table: Annotated[
        TableName | None,
        typer.Option(
            help="The table to print; if not given, all as text, else scores. ablation: each run less the first."
        ),
    ] = None,
    rule: Annotated[
        Rule, typer.Option(help="The selection rule for confusion, calibration, and intervals by class.")
    ] = "last",
    data: DataFolders = None,
    config: Annotated[
        bool, typer.Option("--config", help="Print an experiment file that repeats the run, of its folder or record.")
    ] = False,
    record: Annotated[
        bool,
        typer.Option(
            "--record", help="Print the record as a leaderboard keeps it: digests in place of real people's names."
        ),
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html",
            help="Write one page of the runs instead of printing. Of real data, it names subjects and clips.",
        ),
    ] = None,
) -> None:
    """Print the tables of runs. In text format, also what the runs are."""
    from merbench.analysis.run_list import is_run_list
    from merbench.cli.run_paths import finished
    from merbench.results.run import Run

    lists = [path for path in run if is_run_list(path)]
    if config:
        _print_config([*run, *lists])
        return
    if lists:
        _print_run_lists(run, form)
        return
    loaded = finished(run, Run.load)
    if record:
        _print_record(loaded)
        return
    _refuse_twins(loaded)
    if html is not None:
        _write_page(loaded, html, data)
        return
    if form == "json":
        _print_json(loaded, rule, data)
        return
    table = table or ("all" if form == "text" else "scores")
    tables = _tables(loaded, table, rule, data)
    if form == "text":
        _print_facts(loaded)
    from merbench.cli.tables import print_tables

    print_tables(tables, form)


def _tables(loaded: Sequence[Run], table: TableName, rule: Rule, data: Sequence[str] | None) -> list[Table]:
    from merbench.analysis.run_tables import USUAL, tables_of

    kinds = USUAL if table == "all" else (table,)
    coded = _coded(loaded, data, required=table == "action-units") if "action-units" in kinds else {}
    tables = [each for kind in kinds for each in tables_of(loaded, kind, rule, coded)]
    if not tables:
        raise UsageError(f"table={table} is not possible: {_NOTHING.get(table, 'there is nothing to show')}.")
    return tables


def _coded(loaded: Sequence[Run], data: Sequence[str] | None, *, required: bool) -> dict[str, tuple[int, ...]]:
    """The action units of the runs' clips; where they are not to be had, none, and a line that says so."""
    from merbench.cli.options import read_data
    from merbench.experiments.reopen import action_units_of
    from merbench.results.run import by_group

    coded: dict[str, tuple[int, ...]] = {}
    for same in by_group(loaded).values():
        if same[0].kind.name == MULTI_NAME or all(key in coded for fold in same[0].keys for key in fold):
            continue
        try:
            coded.update(action_units_of(same[0], read_data(data)))
        except MerbenchError as fault:
            if required:
                raise
            typer.echo(f"no recall by action unit: {fault}", err=True)
    return coded


def _print_json(loaded: Sequence[Run], rule: Rule, data: Sequence[str] | None) -> None:
    from merbench.analysis.run_tables import report

    content = report(loaded, rule, _coded(loaded, data, required=False))
    typer.echo(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False))


def _print_config(paths: Sequence[Path]) -> None:
    from merbench.experiments.run_file import config_of
    from merbench.results.loading import load_record
    from merbench.results.store import Store

    if len(paths) != 1:
        raise UsageError(_ONE_FILE)
    [path] = paths
    typer.echo(config_of(load_record(path) if path.is_file() else Store(path).read_header()), nl=False)


def _print_record(loaded: Sequence[Run]) -> None:
    from merbench.results.opaque import opaque

    if len(loaded) != 1:
        raise UsageError("--record prints the record of one run; name one.")
    typer.echo(json.dumps(opaque(loaded[0].record()).as_dict(), indent=1, ensure_ascii=False))


def _print_run_lists(folders: Sequence[Path], form: str) -> None:
    from merbench.analysis.run_list import is_run_list, run_list_table
    from merbench.cli.tables import print_tables

    for folder in folders:
        if not is_run_list(folder):
            raise UsageError(f"{folder} is no folder of runs, and others are; name runs, or folders of runs.")
    print_tables([run_list_table(folder) for folder in folders], form)


def _write_page(loaded: Sequence[Run], path: Path, data: Sequence[str] | None) -> None:
    from merbench._files.atomic import atomic_write
    from merbench.cli.tables import print_wrapped
    from merbench.leaderboard.run_page import run_page
    from merbench.results.opaque import NAMES

    if not path.absolute().parent.is_dir():
        raise UsageError(f"--html {path} is not possible: there is no folder {path.parent}; make it first.")
    atomic_write(path, run_page(loaded, _coded(loaded, data, required=False)).encode())
    print_wrapped(f"{path}: {', '.join(run.method for run in loaded)}")
    if not all(run.header.synthetic for run in loaded):
        typer.echo(NAMES, err=True)


def _refuse_twins(loaded: Sequence[Run]) -> None:
    seen: dict[str, Run] = {}
    for run in loaded:
        twin = seen.setdefault(run.header.identity, run)
        if twin is not run:
            raise UsageError(f"{twin.path} and {run.path} are one and the same run; name it once.")


def _print_facts(loaded: Sequence[Run]) -> None:
    from merbench.cli.tables import print_wrapped

    for run in loaded:
        for line in _facts(run):
            print_wrapped(line, "    ")
        typer.echo()


def _facts(run: Run) -> list[str]:
    from merbench.analysis.tables import based_on

    header, code, numerics = run.header, run.header.code, run.header.numerics
    changed = " (dirty)" if code.dirty else ""
    commit = f", commit {code.commit[:10]}{changed}" if code.commit else ", no commit known"
    where = f"{numerics.device} ({numerics.device_name}), {numerics.precision}" if numerics else "no network"
    lost, odd = len(header.left_out), len(header.apexes_not_annotated)
    return [
        f"{shown(run.path)}: {header.title}, {based_on(run)}",
        f"  merbench {code.version}{commit}; {where}; seed {run.seed}; {run.seconds:.0f} s of training",
        f"  labels: {_pairs(header.states)}; {plural(lost, 'clip')} left out",
        f"  apexes not annotated: {odd} (--apex {header.apex_policy})",
        *([f"  changed on purpose: {_pairs(header.description.perturbed)}"] if header.description.perturbed else []),
        *([f"  never ranked: {header.description.unranked}"] if header.description.unranked else []),
    ]


def _pairs(facts: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items())
