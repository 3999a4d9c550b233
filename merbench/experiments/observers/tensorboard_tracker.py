"""Runs in TensorBoard: event files in the run's folder; see them with `tensorboard --logdir runs`."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from merbench.experiments.observers.tracker import Tracker


class TensorBoardTracker(Tracker):
    """Writes `tensorboard/` in the run's folder; files of an earlier start there are replaced."""

    def start(self, folder: Path, identity: str, name: str, parameters: Mapping[str, str]) -> None:
        """Write the parameters as a table."""
        place = folder / "tensorboard"
        shutil.rmtree(place, ignore_errors=True)
        self._writer = SummaryWriter(str(place))
        rows = "\n".join(f"| {key} | {value} |" for key, value in parameters.items())
        self._writer.add_text("parameters", f"| parameter | value |\n|---|---|\n{rows}")

    def metric(self, name: str, value: float, step: int) -> None:
        """Write a scalar."""
        self._writer.add_scalar(name, value, step)

    def artifact(self, path: Path) -> None:
        """Write the text of a file."""
        self._writer.add_text(path.name, f"```json\n{path.read_text(encoding='utf-8')}\n```")

    def end(self) -> None:
        """Close the file."""
        self._writer.close()
