"""The options of commands that train, and predict action units above 0.5 alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from merbench.cli.options import DEFAULTS, RunOptions
from merbench.selection import ThresholdsName


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOptions(RunOptions):
    """The options of a run; `thresholds` is not listed, and any other value than 0.5 is refused."""

    thresholds: Annotated[ThresholdsName, typer.Option(hidden=True)] = DEFAULTS.thresholds
