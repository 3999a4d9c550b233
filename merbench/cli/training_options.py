"""The options of a run for commands by which units are counted as predicted above 0.5 alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from merbench.cli.options import DEFAULTS, RunOptions
from merbench.selection import ThresholdsName


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOptions(RunOptions):
    """The options of a run; `thresholds` is taken to be refused in a sentence, and is not listed."""

    thresholds: Annotated[ThresholdsName, typer.Option(hidden=True)] = DEFAULTS.thresholds
