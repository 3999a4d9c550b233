"""`merbench leaderboard`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from merbench._atomic import write_whole
from merbench.errors import UsageError

if TYPE_CHECKING:
    from merbench.results.record import Record

app = typer.Typer(help="Rebuild the leaderboard from kept records.", rich_markup_mode=None)

_MEND = "Free space or allow writing there, and run the command again."

Folder = Annotated[Path, typer.Option("--dir", help="The leaderboard's folder, with results/ in it.")]


@app.callback(invoke_without_command=True)
def rebuild(
    context: typer.Context,
    folder: Folder = Path("leaderboard"),
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 if a page is stale.")] = False,
) -> None:
    """Rebuild the pages in the leaderboard's folder from its results/ and published.csv; nothing is trained."""
    if context.invoked_subcommand is not None:
        return
    from merbench.leaderboard.build import left_over, pages

    made = pages(folder)
    stray = left_over(folder, made)
    if check:
        _check(folder, made, stray)
        return
    for path in stray:
        path.unlink()
        typer.echo(f"{path}: removed")
    for name, text in made.items():
        write_whole(folder / name, text.encode(), _MEND)
        typer.echo(f"{folder / name}: {len(text.encode()):,} bytes")


def _check(folder: Path, made: dict[str, str], stray: list[Path]) -> None:
    stale = [name for name, text in made.items() if not _same(folder / name, text)]
    for name in made:
        if name not in stale:
            typer.echo(f"{folder / name} is what its records give.")
    if stale or stray:
        told = " and ".join(map(str, [*(folder / name for name in stale), *stray]))
        typer.echo(f"{told}: stale; rebuild with: merbench leaderboard --dir {folder}", err=True)
        raise typer.Exit(1)


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


@app.command("methods")
def methods(
    guide: Annotated[Path, typer.Argument(metavar="FILE.md", help="The file that has the table between its marks.")],
    folder: Folder = Path("leaderboard"),
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 if the table is stale.")] = False,
) -> None:
    """Make the table of methods in a guide anew, with their scores on the leaderboard's tasks."""
    from merbench.leaderboard.build import admitted
    from merbench.leaderboard.methods_table import with_table

    text = with_table(guide, admitted(folder))
    if not check:
        write_whole(guide, text.encode(), _MEND)
        typer.echo(f"{guide}: {len(text.encode()):,} bytes")
    elif not _same(guide, text):
        typer.echo(f"{guide}: stale; rebuild with: merbench leaderboard methods {guide} --dir {folder}", err=True)
        raise typer.Exit(1)


@app.command("add")
def add(
    run: Annotated[
        list[Path] | None, typer.Argument(metavar="RUN...", help="Run folders or compact records.", show_default=False)
    ] = None,
    folder: Folder = Path("leaderboard"),
    external: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="Predictions made elsewhere: key, and predicted, or a column of probabilities a class.",
        ),
    ] = None,
    task: Annotated[str, typer.Option(help="Of what: a task's name on the page, a run folder or a record.")] = "",
    method: Annotated[str, typer.Option(help="The name of the method that made the predictions.")] = "",
    title: Annotated[str, typer.Option(help="Its full name.")] = "",
    reference: Annotated[str, typer.Option(help="Where it is described.")] = "",
    url: Annotated[str, typer.Option(help="The address of its code or paper.")] = "",
    seed: Annotated[int, typer.Option(min=0, help="Which of several trainings.")] = 0,
) -> None:
    """Copy compact records to the leaderboard: keys, truths, probabilities; no pictures, no paths."""
    from merbench.leaderboard.admission import require_fit
    from merbench.results.record import read_result

    if (external is None) == (not run):
        raise UsageError("Name run folders or records to add, or one file with --external; not both.")
    if external is None:
        found = [read_result(path) for path in run or ()]
    else:
        from merbench.leaderboard.external import Origin, external_record

        if not task or not method:
            raise UsageError("--external needs --task (what was predicted) and --method (by which method).")
        origin = Origin(method=method, title=title, reference=reference, url=url, seed=seed)
        found = [external_record(external, _like(folder, task), origin)]
    for record in found:
        require_fit(record)
    _require_agreement(folder, found)
    for record in found:
        path = folder / "results" / f"{file_name(record)}.json"
        write_whole(path, (json.dumps(record.content, separators=(",", ":")) + "\n").encode(), _MEND)
        typer.echo(f"added {path}")


def file_name(record: Record) -> str:
    """The name of a record's file: method, protocol, seed, and the beginning of its identity."""
    import re

    description = record.content["description"]
    kind = "-external" if record.content.get("external") else ""
    readable = f"{description['method']}-{description['protocol']}{kind}-seed{description['seed']}"
    return f"{re.sub(r'[^A-Za-z0-9.-]+', '_', readable)[:120]}-{str(record.content['identity'])[:8]}"


def _require_agreement(folder: Path, found: list[Record]) -> None:
    from merbench.leaderboard.admission import require_agreement
    from merbench.leaderboard.build import admitted

    names = {file_name(record) for record in found}
    kept = admitted(folder) if (folder / "results").is_dir() else []
    require_agreement([*(record for record in kept if record.name not in names), *found])


def _like(folder: Path, task: str) -> Record:
    from merbench.leaderboard.build import admitted
    from merbench.results.record import read_result

    if Path(task).exists():
        return read_result(Path(task))
    records = admitted(folder)
    known = {record.task.id: record for record in records}
    if task not in known:
        told = "; ".join(f"{name}: {' · '.join(record.task)}" for name, record in sorted(known.items()))
        raise UsageError(
            f"--task {task} is neither a run nor a task of this leaderboard. It has {told or 'none'}. "
            "Add the control majority first, to lay a task down."
        )
    return known[task]
