"""`merbench data import`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from merbench.annotations.clips import require_name
from merbench.errors import UsageError
from merbench.plural import plural


def import_table(
    root: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of clips, or a label table.")],
    out: Annotated[Path, typer.Option(metavar="FILE.csv", help="A new CSV file, which the dataset manifest reads.")],
    dataset: Annotated[str, typer.Option(help="What to call the dataset in the table.")] = "mine",
) -> None:
    """Write a table of clips from folders or a label table. It says what was recognised and what is to be filled in.

    Recognised are class folders, one folder or video a clip, pictures called onset, apex and offset, flow under
    u_train and u_test, and tables with or without headers. Nothing in DIR is changed.
    """
    from merbench.cli.tables import print_wrapped
    from merbench.data.importing import import_clips

    if out.suffix.lower() != ".csv":
        raise UsageError(f"--out {out}: the table is a CSV file; name it with the ending .csv.")
    require_name(dataset, "--dataset")
    imported = import_clips(root, dataset, out.absolute().parent)
    imported.write(out)
    subjects = len({clip.subject for clip in imported.clips if clip.subject})
    typer.echo(f"{out}: {plural(len(imported.clips), 'clip')}, {plural(subjects, 'subject')}")
    for line in imported.recognised:
        print_wrapped(f"= {line}")
    for line in imported.unknown:
        print_wrapped(f"? {line}")
    typer.echo(f"next: merbench data check manifest {shlex.quote(str(out))}")
