"""merbench: a benchmark library for micro-expression recognition.

``merbench.run("mmnet", "loso")`` trains and tests a method under a protocol and returns a `Run`; entries of your own
subclass `NetworkMethod`, `FittedMethod`, `Dataset` or `Protocol`.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from merbench.analysis.finished_runs import compare, plan
    from merbench.analysis.reproduction import reproduce
    from merbench.annotations.clips import Annotations, Clip
    from merbench.annotations.coded_clips import CodedClip
    from merbench.annotations.corrections import Correction
    from merbench.annotations.schemes import LabelScheme
    from merbench.annotations.sheets import Column
    from merbench.annotations.workbook import WorkbookFormat
    from merbench.api import ablate, run, sensitivity, tune
    from merbench.data.folder_dataset import FolderDataset
    from merbench.dataset import Dataset, Known
    from merbench.entries.parameters import Parameters, parameter
    from merbench.entries.recipe import Recipe, Training
    from merbench.entries.reproduction import PrintedNumber, Reproduction
    from merbench.errors import MerbenchError
    from merbench.inputs import Flow, Frames, Inputs, Landmarks, Sequence
    from merbench.leaderboard.rebuild import rebuild_leaderboard
    from merbench.method import FittedMethod, NetworkMethod
    from merbench.protocol import Fold, Protocol
    from merbench.results.run import Run
    from merbench.spec import RunSpec

__version__ = "0.2.0"

_HOMES = {
    "Annotations": "annotations.clips",
    "Clip": "annotations.clips",
    "CodedClip": "annotations.coded_clips",
    "Column": "annotations.sheets",
    "Correction": "annotations.corrections",
    "Dataset": "dataset",
    "FittedMethod": "method",
    "Flow": "inputs",
    "Fold": "protocol",
    "FolderDataset": "data.folder_dataset",
    "Frames": "inputs",
    "Inputs": "inputs",
    "Known": "dataset",
    "LabelScheme": "annotations.schemes",
    "Landmarks": "inputs",
    "MerbenchError": "errors",
    "NetworkMethod": "method",
    "Parameters": "entries.parameters",
    "PrintedNumber": "entries.reproduction",
    "Protocol": "protocol",
    "Recipe": "entries.recipe",
    "Reproduction": "entries.reproduction",
    "Run": "results.run",
    "RunSpec": "spec",
    "Sequence": "inputs",
    "Training": "entries.recipe",
    "WorkbookFormat": "annotations.workbook",
    "ablate": "api",
    "compare": "analysis.finished_runs",
    "parameter": "entries.parameters",
    "plan": "analysis.finished_runs",
    "rebuild_leaderboard": "leaderboard.rebuild",
    "reproduce": "analysis.reproduction",
    "run": "api",
    "sensitivity": "api",
    "tune": "api",
}

__all__ = [
    "Annotations",
    "Clip",
    "CodedClip",
    "Column",
    "Correction",
    "Dataset",
    "FittedMethod",
    "Flow",
    "Fold",
    "FolderDataset",
    "Frames",
    "Inputs",
    "Known",
    "LabelScheme",
    "Landmarks",
    "MerbenchError",
    "NetworkMethod",
    "Parameters",
    "PrintedNumber",
    "Protocol",
    "Recipe",
    "Reproduction",
    "Run",
    "RunSpec",
    "Sequence",
    "Training",
    "WorkbookFormat",
    "ablate",
    "compare",
    "parameter",
    "plan",
    "rebuild_leaderboard",
    "reproduce",
    "run",
    "sensitivity",
    "tune",
]

_checkout = Path(__file__).resolve().parents[1]
if (_checkout / "pyproject.toml").is_file():  # methods/, datasets/ and protocols/ lie beside merbench/
    __path__.append(str(_checkout))


def __getattr__(name: str) -> object:
    # resolved when first used: `import merbench` stays cheap, and loads neither torch nor pandas
    if name not in _HOMES:
        raise AttributeError(f"module 'merbench' has no attribute {name!r}")
    return getattr(importlib.import_module(f"merbench.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
