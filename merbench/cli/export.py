"""`merbench export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from merbench.cli.completion import complete_runs
from merbench.cli.options import Plugins, load_plugins
from merbench.plural import plural


def export(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            help="The folder of a run that kept weights.",
            show_default=False,
            autocompletion=complete_runs,
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="A new or empty folder.")],
    onnx: Annotated[
        bool, typer.Option("--onnx", help="Also write each network as ONNX; needs the extra onnx.")
    ] = False,
    plugin: Plugins = None,
) -> None:
    """Write the networks of a run as a model repository. Nothing is sent anywhere; merbench predict DIR reads it.

    The folder has a card, the record and safetensors files. Names of real subjects and clips are digests there.
    """
    from merbench.inference.export import export_run

    load_plugins(plugin)
    exported = export_run(run, out, onnx=onnx)
    for path in exported.files:
        typer.echo(f"{path}: {path.stat().st_size:,} bytes")
    if exported.missing:
        typer.echo(f"left out: {plural(len(exported.missing), 'fold')} without weights", err=True)
