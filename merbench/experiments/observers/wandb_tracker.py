"""Runs in Weights & Biases: offline, in the run's folder, unless WANDB_MODE says otherwise; `wandb sync` sends them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import wandb

from merbench.experiments.observers.tracker import Tracker


class WandbTracker(Tracker):
    """Writes `wandb/` in the run's folder; each name of a metric has its own axis of epochs."""

    def start(self, folder: Path, identity: str, name: str, parameters: Mapping[str, str]) -> None:
        """Begin a run of the project merbench, or go on with the one of that identity."""
        self._run: Any = wandb.init(
            project=os.environ.get("WANDB_PROJECT", "merbench"),
            mode=os.environ.get("WANDB_MODE", "offline"),
            dir=str(folder),
            id=identity[:16],
            name=name,
            config=dict(parameters),
            resume="allow",
            settings=wandb.Settings(silent=True, console="off"),
        )
        self._run.define_metric("epoch")
        self._run.define_metric("*", step_metric="epoch")

    def metric(self, name: str, value: float, step: int) -> None:
        """Report a metric against the epoch."""
        self._run.log({name: value, "epoch": step})

    def artifact(self, path: Path) -> None:
        """Report a file as an artifact."""
        artifact = wandb.Artifact(f"record-{self._run.id}", type="record")
        artifact.add_file(str(path))
        self._run.log_artifact(artifact)

    def end(self) -> None:
        """Write all that is open."""
        self._run.finish()
