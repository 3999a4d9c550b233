"""`merbench audit`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from merbench.cli.completion import complete_runs
from merbench.cli.options import DataFolders, Plugins, load_plugins, read_data

if TYPE_CHECKING:
    from merbench.data.finding import Finding


def audit(
    run: Annotated[
        list[Path],
        typer.Argument(metavar="RUN...", help="Run folders or records (.json).", autocompletion=complete_runs),
    ],
    data: DataFolders = None,
    plugin: Plugins = None,
) -> None:
    """Check that a run supports what it claims. Subjects, clips, folds and scores; exit code 1 if any differ.

    With --data also labels and files, of which every byte is read again.
    """
    from merbench.cli.tables import print_wrapped
    from merbench.results.audit import audit as audited

    load_plugins(plugin)
    sound = True
    for path in run:
        typer.echo(f"{path}:")
        for finding in (*audited(path), *_of_files(path, data)):
            print_wrapped(f"  {finding.what}: {finding.verdict}; {finding.detail}", "    ")
            sound = sound and finding.verdict != "differs"
    if not sound:
        raise typer.Exit(1)


def _of_files(path: Path, data: list[str] | None) -> list[Finding]:
    from merbench.experiments.file_audit import UNSEEN, file_findings
    from merbench.experiments.specify import folders_of
    from merbench.results.reading import read_record
    from merbench.results.store import Store

    if not path.is_dir():
        return [] if read_record(path).synthetic else [UNSEEN]
    header = Store(path).read_header()
    if data is None:
        return [] if header.synthetic and not header.frames else [UNSEEN]
    return file_findings(path, folders_of(tuple(header.description.datasets), read_data(data)))
