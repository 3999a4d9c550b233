"""merbench: a benchmark library for micro-expression recognition.

``merbench.run("mmnet", "loso")`` trains and tests a method under a protocol and returns a `Run`; entries of your own
subclass `NetworkMethod`, `FittedMethod`, `Dataset` or `Protocol`.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from merbench.annotations.schemes import LabelScheme
    from merbench.api import run
    from merbench.dataset import Dataset
    from merbench.entries.parameters import Parameters, parameter
    from merbench.errors import MerbenchError
    from merbench.inputs import Frames, Inputs
    from merbench.method import FittedMethod, NetworkMethod
    from merbench.protocol import Fold, Protocol
    from merbench.results.run import Run
    from merbench.training import Recipe, Training

__version__ = "0.1.0"

_HOMES = {
    "Dataset": "dataset",
    "FittedMethod": "method",
    "Fold": "protocol",
    "Frames": "inputs",
    "Inputs": "inputs",
    "LabelScheme": "annotations.schemes",
    "MerbenchError": "errors",
    "NetworkMethod": "method",
    "Parameters": "entries.parameters",
    "Protocol": "protocol",
    "Recipe": "training",
    "Run": "results.run",
    "Training": "training",
    "parameter": "entries.parameters",
    "run": "api",
}

__all__ = [
    "Dataset",
    "FittedMethod",
    "Fold",
    "Frames",
    "Inputs",
    "LabelScheme",
    "MerbenchError",
    "NetworkMethod",
    "Parameters",
    "Protocol",
    "Recipe",
    "Run",
    "Training",
    "parameter",
    "run",
]

_checkout = Path(__file__).resolve().parents[1]
if (_checkout / "pyproject.toml").is_file():  # methods/, datasets/ and protocols/ lie beside merbench/
    __path__.append(str(_checkout))


def __getattr__(name: str) -> object:
    # resolved when first used: `import merbench` stays cheap, and loads neither torch nor pandas
    if name not in _HOMES:
        raise AttributeError(f"module 'merbench' has no attribute {name!r}")
    return getattr(importlib.import_module(f"merbench.{_HOMES[name]}"), name)
