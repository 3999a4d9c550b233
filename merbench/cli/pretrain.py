"""`merbench pretrain`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from merbench.cli.completion import complete_protocols
from merbench.cli.option_groups import with_option_groups
from merbench.cli.option_headings import OUTPUT
from merbench.cli.options import DEFAULTS, MethodName
from merbench.cli.training_options import TrainingOptions
from merbench.experiments.events import Observer


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainOptions(TrainingOptions):
    """The options of a run, of which nothing is split."""

    protocol: Annotated[
        str,
        typer.Option(
            "--protocol",
            "-p",
            metavar="NAME",
            autocompletion=complete_protocols,
            help="Whose usual datasets and classes are taken where -d and --scheme name none; nothing is split.",
        ),
    ] = DEFAULTS.protocol


@with_option_groups
def pretrain(
    options: PretrainOptions,
    method: MethodName,
    out: Annotated[
        Path, typer.Option(metavar="FILE.safetensors", help="A new file for the weights.", rich_help_panel=OUTPUT)
    ],
    weights: Annotated[
        str | None,
        typer.Option("--weights", metavar="FILE", help="Start from the weights in this file, or timm:NAME.TAG."),
    ] = None,
) -> None:
    """Train a network on all clips of datasets, to start other runs from. Nothing is tested.

    The protocol only supplies the usual datasets and classes. A card next to the file says what the network has seen.
    """
    from merbench.api import pretrain as pretrained

    keywords = options.keywords()
    keywords["weights"] = weights
    result = pretrained(method, out=out, observer=_Lines(), **keywords)
    typer.echo(
        f"{result.path}: {result.path.stat().st_size:,} bytes; accuracy {result.accuracy:.1%} on its own training clips"
    )
    typer.echo(f"card: {result.card}")


class _Lines(Observer):
    """A line for each epoch and each note, on standard error."""

    def epoch(self, fold: str, epoch: int) -> None:
        typer.echo(f"{fold}: epoch {epoch + 1}", err=True)

    def note(self, note: str) -> None:
        typer.echo(note, err=True)
