"""Options that shift onset and apex at random."""

from __future__ import annotations

from typing import Annotated

import typer

from merbench.cli.option_headings import DATA
from merbench.spec import KeyframeSide

KeyframeNoiseMost = Annotated[
    float,
    typer.Option(
        "--keyframe-noise",
        metavar="FRAMES|SHARE",
        help="Shift onset and apex at random within the clip by up to so many frames, or below 1 a share of the rise.",
        rich_help_panel=DATA,
    ),
]
KeyframeNoiseSide = Annotated[
    KeyframeSide,
    typer.Option(help="Whether clips are shifted in training, in testing, or in both.", rich_help_panel=DATA),
]
KeyframeNoiseSeed = Annotated[
    int, typer.Option(help="The seed of the shifts, the same for all seeds of a run.", rich_help_panel=DATA)
]
