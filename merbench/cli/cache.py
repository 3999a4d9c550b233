"""`merbench cache`."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merbench.cli.options import AnyFormat
from merbench.errors import UsageError
from merbench.plural import plural

if TYPE_CHECKING:
    from merbench.inputs.cache import Entry

app = typer.Typer(
    help="List and remove prepared inputs that are kept on disk.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def top() -> None:
    """List and remove prepared inputs that are kept on disk."""


@app.command("list")
def list_entries(form: AnyFormat = "text") -> None:
    """List cached inputs. What they are, how large and how old."""
    from merbench.analysis.table import Table
    from merbench.cli.tables import print_tables
    from merbench.inputs.cache import Cache

    cache = Cache()
    entries = cache.entries()
    rows = tuple((_what(entry.what), entry.name[:12], _size(entry.bytes), _age(entry)) for entry in entries)
    total = f"{cache.root}: {plural(len(entries), 'entry')}, {_size(sum(entry.bytes for entry in entries))}"
    if entries or form != "text":
        print_tables([Table(title=total, columns=("what", "entry", "size", "age"), rows=rows, text_columns=2)], form)
    else:
        typer.echo(total)


@app.command("prune")
def prune(
    older_than: Annotated[
        float | None, typer.Option(metavar="DAYS", min=0, help="Remove inputs older than this.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Remove everything.")] = False,
) -> None:
    """Remove cached inputs. They are prepared again when a run needs them. --all removes compiled steps, too."""
    from merbench.inputs.cache import Cache, compiled_folder

    if (older_than is None) != everything:
        raise UsageError("merbench cache prune: say what to remove, with either --older-than DAYS or --all.")
    cache = Cache()
    oldest = time.time() - 86_400 * (older_than or 0)
    doomed = [entry for entry in cache.entries() if everything or entry.written < oldest]
    for entry in doomed:
        cache.remove(entry.name)
    if everything:
        shutil.rmtree(compiled_folder(), ignore_errors=True)
    typer.echo(f"{cache.root}: {plural(len(doomed), 'entry')} removed, {_size(sum(entry.bytes for entry in doomed))}")


def _what(declared: Any) -> str:
    if not isinstance(declared, dict):
        return "frames"
    fields = {name: value for name, value in declared.items() if name not in ("input", "mean", "std", "windows")}
    settings = [f"{name}={_value(value)}" for name, value in fields.items() if value not in (None, False)]
    return f"{declared.get('input')} {', '.join(settings)}"


def _value(value: object) -> str:
    return "x".join(map(str, value)) if isinstance(value, list) else str(value)


def _size(count: int) -> str:
    return f"{count / 2**20:.1f} MiB"


def _age(entry: Entry) -> str:
    hours = max(time.time() - entry.written, 0) / 3600
    return f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"
