"""`merbench leaderboard`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from merbench.whole_files import write_whole

app = typer.Typer(help="Rebuild the leaderboard from kept records.", rich_markup_mode=None)

_MEND = "Free space or allow writing there, and run the command again."

Folder = Annotated[Path, typer.Option("--dir", help="The leaderboard's folder, with results/ in it.")]


@app.callback(invoke_without_command=True)
def rebuild(
    context: typer.Context,
    folder: Folder = Path("leaderboard"),
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 if the page is stale.")] = False,
) -> None:
    """Rebuild README.md in the leaderboard's folder from the records in its results/; nothing is trained."""
    if context.invoked_subcommand is not None:
        return
    from merbench.board.markdown import leaderboard
    from merbench.board.records import read_records
    from merbench.errors import MissingData

    results, page = folder / "results", folder / "README.md"
    if not results.is_dir():
        raise MissingData(f"{results} does not exist; add a run first: merbench leaderboard add RUN --dir {folder}.")
    records = read_records(results)
    text = leaderboard(records)
    if check:
        _check(page, text)
    else:
        write_whole(page, text.encode(), _MEND)
        typer.echo(f"{page}: {len(records)} records")


def _check(page: Path, text: str) -> None:
    if page.is_file() and page.read_text(encoding="utf-8") == text:
        typer.echo(f"{page} is what its records give.")
        return
    typer.echo(f"{page} is stale; rebuild it with: merbench leaderboard --dir {page.parent}", err=True)
    raise typer.Exit(1)


@app.command("add")
def add(
    run: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of complete runs.")],
    folder: Folder = Path("leaderboard"),
) -> None:
    """Copy the compact records of runs to the leaderboard: keys, truths, probabilities; no pictures, no paths."""
    from merbench.board.records import checked
    from merbench.record import Run

    loaded = [Run.load(path) for path in run]
    results = folder / "results"
    for found in loaded:
        content = found.record()
        name = f"{found.method}-{content['description']['protocol']}-seed{found.seed}-{content['identity'][:8]}"
        checked(name, content)
        text = json.dumps(content, separators=(",", ":")) + "\n"
        write_whole(results / f"{name}.json", text.encode(), _MEND)
        typer.echo(f"added {results / name}.json")
