"""`merbench show`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from merbench.errors import UsageError

if TYPE_CHECKING:
    from merbench.analysis.tables import Table
    from merbench.results.run import Run
    from merbench.selection import Rule

_KINDS = ("scores", "parts", "classes", "folds", "confusion")


def show(
    run: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Runs, or a folder of runs to list.", show_default=False)
    ],
    form: Annotated[str, typer.Option("--format", help="text, markdown, latex or csv.")] = "text",
    table: Annotated[str, typer.Option(help=f"{', '.join(_KINDS)} or all; scores outside text.")] = "",
    rule: Annotated[str, typer.Option(help="The rule of the table of confusion.")] = "last",
    html: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write one page of the runs instead of printing.")
    ] = None,
) -> None:
    """Print the tables of kept runs; as text also what the runs are."""
    from merbench.analysis.run_list import is_shelf
    from merbench.cli.run_paths import finished
    from merbench.results.run import Run
    from merbench.selection import read_rules

    if [path for path in run if is_shelf(path)]:
        _print_shelves(run)
        return
    loaded = finished(run, Run.load)
    _refuse_twins(loaded)
    if html is not None:
        _write_page(loaded, html)
        return
    kinds = _kinds(table or ("all" if form == "text" else "scores"))
    tables = [found for kind in kinds for found in _tables(loaded, kind, read_rules(rule)[0])]
    if not tables:
        raise UsageError("table=parts is not possible: the protocols of these runs report no parts.")
    if form == "text":
        _print_text(loaded, tables)
    else:
        from merbench.analysis.render import render

        typer.echo("\n".join(render(found, form) for found in tables), nl=False)


def _print_shelves(folders: Sequence[Path]) -> None:
    from merbench.analysis.run_list import is_shelf, shelf_table
    from merbench.cli.tables import print_table

    for folder in folders:
        if not is_shelf(folder):
            raise UsageError(f"{folder} is no folder of runs, and others are; name runs, or folders of runs.")
        print_table(shelf_table(folder))


def _write_page(loaded: Sequence[Run], path: Path) -> None:
    from merbench._atomic import write_whole
    from merbench.leaderboard.run_page import run_page

    if not path.absolute().parent.is_dir():
        raise UsageError(f"--html {path} is not possible: there is no folder {path.parent}; make it first.")
    write_whole(path, run_page(loaded).encode(), "Free space or allow writing there, and run the command again.")
    typer.echo(f"{path}: {', '.join(run.method for run in loaded)}")


def _kinds(table: str) -> tuple[str, ...]:
    if table == "all":
        return _KINDS
    if table not in _KINDS:
        raise UsageError(f"table={table} is not possible: it must be one of {', '.join(_KINDS)}, all.")
    return (table,)


def _tables(loaded: Sequence[Run], kind: str, rule: Rule) -> list[Table]:
    from merbench.analysis.tables import class_table, confusion_table, fold_table, part_table, score_table
    from merbench.results.run import by_group

    groups = list(by_group(loaded).values())
    if kind == "scores":
        return [score_table(same) for same in _by_task(loaded)]
    if kind == "parts":
        return [part_table(same) for same in _by_task(loaded) if same[0].parts]
    if kind == "classes":
        return [class_table(group) for group in groups]
    return [fold_table(run) if kind == "folds" else confusion_table(run, rule) for run in loaded]


def _refuse_twins(loaded: Sequence[Run]) -> None:
    seen: dict[str, Run] = {}
    for run in loaded:
        twin = seen.setdefault(run.manifest["identity"], run)
        if twin is not run:
            raise UsageError(f"{twin.path} and {run.path} are one and the same run; name it once.")


def _by_task(loaded: Sequence[Run]) -> list[list[Run]]:
    from merbench.results.run import data_of, protocol_of

    tasks: dict[tuple[str, ...], list[Run]] = {}
    for run in loaded:
        description = run.manifest["description"]
        task = (protocol_of(description), data_of(run.manifest), description["labels"])
        tasks.setdefault(task, []).append(run)
    return list(tasks.values())


def _print_text(loaded: Sequence[Run], tables: Sequence[Table]) -> None:
    from merbench.cli.tables import print_table

    for run in loaded:
        for line in _facts(run):
            typer.echo(line)
        typer.echo()
    for table in tables:
        print_table(table)


def _facts(run: Run) -> list[str]:
    from merbench.analysis.tables import based_on

    manifest, code = run.manifest, run.manifest["code"]
    numerics = manifest["numerics"] or {}
    commit = f", commit {code['commit'][:10]}{' (dirty)' if code['dirty'] else ''}" if code["commit"] else ""
    where = f"{numerics['device']} ({numerics['device_name']}), {numerics['precision']}" if numerics else "no network"
    lost, odd = len(manifest["left_out"]), len(manifest["apexes_not_annotated"])
    return [
        f"{run.path}: {manifest['title']}, {based_on(run)}",
        f"  merbench {code['version']}{commit}; {where}; seed {run.seed}; {run.seconds:.0f} s of training",
        f"  labels: {_pairs(manifest['states'])}; {lost} clips left out",
        f"  apexes not annotated: {odd} (--apex {manifest['apex_policy']})",
    ]


def _pairs(facts: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items())
