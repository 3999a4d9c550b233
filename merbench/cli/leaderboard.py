"""`merbench leaderboard`."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from merbench._files.atomic import atomic_write
from merbench.cli.completion import complete_runs
from merbench.cli.options import AnyFormat
from merbench.cli.usage import refuse_given
from merbench.errors import MerbenchError, StoreError, UsageError

if TYPE_CHECKING:
    from merbench.analysis.table import Table
    from merbench.results.header import TaskIdentity
    from merbench.results.record import RunRecord

app = typer.Typer(help="Rebuild a leaderboard from its records, or add records.", rich_markup_mode=None)

#: How many tasks a refusal lists (chosen here: what a screen holds beside the sentence).
_TASKS_SHOWN = 12

Folder = Annotated[Path, typer.Option("--dir", help="The leaderboard's folder, with results/ in it.")]


@app.callback(invoke_without_command=True)
def rebuild(
    context: typer.Context,
    folder: Folder = Path("leaderboard"),
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 1 if a page is out of date.")
    ] = False,
    listed: Annotated[
        bool, typer.Option("--list", help="List the tasks with their names, which add --task takes, and stop.")
    ] = False,
    form: AnyFormat = "text",
) -> None:
    """Rebuild the pages in the leaderboard's folder from its results/ and published.csv; nothing is trained."""
    if context.invoked_subcommand is not None:
        refuse_given(context)
        return
    if listed:
        from merbench.cli.tables import print_tables

        print_tables([_tasks(folder)], form)
        return
    if form != "text":
        raise UsageError("--format is for --list; merbench compare RUN RUN --format json gives a table as data.")
    from merbench.leaderboard.build import left_over, pages
    from merbench.leaderboard.rebuild import rebuild_leaderboard

    if check:
        contents = pages(folder)
        _check(folder, contents, left_over(folder, contents))
        return
    rebuilt = rebuild_leaderboard(folder)
    for path in rebuilt.removed:
        typer.echo(f"{path}: removed")
    for path, size in rebuilt.pages.items():
        typer.echo(f"{path}: {size:,} bytes")


def _tasks(folder: Path) -> Table:
    from merbench.analysis.table import Table
    from merbench.leaderboard.build import admitted

    records: dict[TaskIdentity, list[RunRecord]] = {}
    for record in admitted(folder):
        records.setdefault(record.task, []).append(record)
    rows = [
        (task.id, task.protocol, task.data, task.scheme, task.alignment, ", ".join(sorted({r.method for r in same})))
        for task, same in records.items()
    ]
    return Table(
        title=f"Tasks of {folder}",
        columns=("task", "protocol", "data", "classes", "alignment", "methods"),
        rows=tuple(sorted(rows, key=lambda row: row[1:])),
        text_columns=6,
        minor=("alignment",),
    )


def _check(folder: Path, texts: dict[str, str], stray: list[Path]) -> None:
    stale = [name for name, text in texts.items() if not _same(folder / name, text)]
    for name in texts:
        if name not in stale:
            typer.echo(f"{folder / name} is what its records give.")
    if stale or stray:
        paths = " and ".join(map(str, [*(folder / name for name in stale), *stray]))
        typer.echo(f"{paths}: stale; rebuild with: merbench leaderboard --dir {shlex.quote(str(folder))}", err=True)
        raise typer.Exit(1)


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


@app.command("methods")
def methods(
    guide: Annotated[Path, typer.Argument(metavar="FILE.md", help="The file that has the table between its marks.")],
    folder: Folder = Path("leaderboard"),
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 1 if the table is out of date.")
    ] = False,
) -> None:
    """Rebuild the table of methods in a guide. It has their scores on the leaderboard's tasks."""
    from merbench.leaderboard.build import admitted
    from merbench.leaderboard.methods_table import with_table

    text = with_table(guide, admitted(folder))
    if not check:
        atomic_write(guide, text.encode())
        typer.echo(f"{guide}: {len(text.encode()):,} bytes")
    elif not _same(guide, text):
        command = f"merbench leaderboard methods {shlex.quote(str(guide))} --dir {shlex.quote(str(folder))}"
        typer.echo(f"{guide}: stale; rebuild with: {command}", err=True)
        raise typer.Exit(1)


@app.command("add")
def add(
    run: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="RUN...", help="Run folders or records (.json).", show_default=False, autocompletion=complete_runs
        ),
    ] = None,
    folder: Folder = Path("leaderboard"),
    external: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="Predictions made elsewhere, a row for each clip of the task: the column key (dataset/subject/clip/"
            "onset), and either predicted (a class) or a column of probabilities named after each class; truth (a "
            "class) is checked if there.",
        ),
    ] = None,
    task: Annotated[
        str, typer.Option(help="The task predicted: its name (see --list), a run folder or a record.")
    ] = "",
    method: Annotated[str, typer.Option(help="The name of the method that made the predictions.")] = "",
    title: Annotated[str, typer.Option(help="Its full name.")] = "",
    reference: Annotated[str, typer.Option(help="Where it is described.")] = "",
    url: Annotated[str, typer.Option(help="The address of its code or paper.")] = "",
    seed: Annotated[int, typer.Option(min=0, help="The seed, if there are several trainings.")] = 0,
) -> None:
    """Copy records to the leaderboard. They hold probabilities, true classes, and digests of real people's names."""
    from merbench.leaderboard.admission import require_fit
    from merbench.results.opaque import opaque

    if (external is None) == (not run):
        raise UsageError("Name run folders or records to add, or one file with --external; not both.")
    repeats: list[RunRecord] = []
    if external is None:
        records, repeats = _apart_from_repeats(folder, _fitting(run or ()))
    else:
        from merbench.leaderboard.external import Submission, external_record

        if not task or not method:
            raise UsageError("--external needs --task (what was predicted) and --method (by which method).")
        submission = Submission(method=method, title=title, reference=reference, url=url, seed=seed)
        record = external_record(external, _like(folder, task), submission)
        require_fit(record)
        records = [opaque(record)]
        require_fit(records[0])
    records = _agreeing(folder, records)
    for record in records:
        path = folder / "results" / f"{record.file_name}.json"
        atomic_write(path, (json.dumps(record.as_dict(), separators=(",", ":")) + "\n").encode())
        typer.echo(f"added {path}")
    for record in repeats:
        typer.echo(f"left out: {record.name}: the method draws nothing, and another seed has the same predictions")
    refused = len(run or ()) - len(records) - len(repeats)
    if run and refused:
        typer.echo(f"not added: {refused} of {len(run)}; see above why", err=True)
        raise typer.Exit(2)


def _fitting(paths: Sequence[Path]) -> list[RunRecord]:
    """The records of those paths that may be added, with digests in place of names; a line for each of the others.

    Raises:
        MerbenchError: if there is one alone, and it may not be added.
    """
    from merbench.leaderboard.admission import require_fit
    from merbench.results.loading import load_result
    from merbench.results.opaque import opaque

    records = []
    for path in paths:
        try:
            record = load_result(path)
            require_fit(record)  # before names give way to digests, which not every protocol's folds can be made from
            renamed = opaque(record)
            require_fit(renamed)
        except MerbenchError as fault:
            if len(paths) == 1:
                raise
            typer.echo(f"not added: {path}: {fault}", err=True)
        else:
            records.append(renamed)
    return records


def _apart_from_repeats(folder: Path, records: Sequence[RunRecord]) -> tuple[list[RunRecord], list[RunRecord]]:
    """The records to add, and those that repeat one of them or of the leaderboard under another seed."""
    from merbench.leaderboard.admission import is_repeat

    existing = _existing(folder)
    kept: list[RunRecord] = []
    repeats: list[RunRecord] = []
    for record in records:
        (repeats if is_repeat(record, [*existing, *kept]) else kept).append(record)
    return kept, repeats


def _existing(folder: Path) -> list[RunRecord]:
    from merbench.leaderboard.build import admitted

    return admitted(folder) if (folder / "results").is_dir() else []


def _agreeing(folder: Path, records: Sequence[RunRecord]) -> list[RunRecord]:
    """The records that agree with the leaderboard's and with those before them; a line for each of the others.

    Raises:
        StoreError: if there is one alone, and it does not agree.
    """
    from merbench.leaderboard.admission import require_agreement

    names = {record.file_name for record in records}
    agreeing = [record for record in _existing(folder) if record.name not in names]
    added: list[RunRecord] = []
    for record in records:
        try:
            require_agreement([*agreeing, *added, record])
        except StoreError as fault:
            if len(records) == 1:
                raise
            typer.echo(f"not added: {record.name}: {fault}", err=True)
        else:
            added.append(record)
    return added


def _like(folder: Path, task: str) -> RunRecord:
    from merbench.leaderboard.build import admitted
    from merbench.results.loading import load_result

    if Path(task).exists():
        return load_result(Path(task))
    records = admitted(folder)
    known = {record.task.id: record for record in records}
    if task not in known:
        raise UsageError(f"--task {task} is neither a run nor a task of this leaderboard. {_remedy(folder, known)}")
    return known[task]


def _remedy(folder: Path, known: Mapping[str, RunRecord]) -> str:
    """How to find a task of the leaderboard, or to lay down the first."""
    place = shlex.quote(str(folder))
    if not known:
        return (
            "It has none yet; lay one down with the control majority: merbench run --method majority --out RUN, "
            f"then merbench leaderboard add RUN --dir {place}"
        )
    shown = [
        f"  {name}: {record.task.protocol}, {record.task.data}, {record.task.scheme}"
        for name, record in sorted(known.items())[:_TASKS_SHOWN]
    ]
    more = f"\n  and {len(known) - _TASKS_SHOWN} more" if len(known) > _TASKS_SHOWN else ""
    return (
        f"Its tasks are:\n{chr(10).join(shown)}{more}\n"
        f"The methods of each are listed by: merbench leaderboard --dir {place} --list"
    )
