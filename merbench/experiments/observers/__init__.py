"""Observers that report runs to experiment trackers: three shipped, and those of installed packages.

A package registers its own, a class that is called without arguments for each run, in the entry point group
`merbench.observers`. It is an `Observer` (`merbench.experiments.events`), most easily a `Tracker`
(`merbench.experiments.observers.tracker`).
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from importlib.metadata import entry_points

from merbench.errors import EntryError, UnknownName, UsageError
from merbench.experiments.events import Observer

GROUP = "merbench.observers"
#: The class of each shipped observer, by its name, which is also that of the extra that it needs.
SHIPPED = {
    "mlflow": "MLflowTracker",
    "tensorboard": "TensorBoardTracker",
    "wandb": "WandbTracker",
}
#: What has a package keep reports of its own use or errors to itself, unless the environment says otherwise.
_REPORTS = {"mlflow": ("MLFLOW_DISABLE_TELEMETRY", "true"), "wandb": ("WANDB_ERROR_REPORTING", "false")}


def tracker_names() -> list[str]:
    """The names of all observers that can be asked for."""
    return sorted({*SHIPPED, *(point.name for point in entry_points(group=GROUP))})


def tracker_classes(names: Sequence[str]) -> list[type[Observer]]:
    """The observer classes of those names.

    Raises:
        UnknownName: for a name that no package has.
        UsageError: if the package that it reports to is not installed, or a name is given twice.
        EntryError: if what a package registered is no observer.
    """
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"--track {repeated[0]} is given twice; give it once.")
    return [_shipped(name) if name in SHIPPED else _foreign(name) for name in names]


def _shipped(name: str) -> type[Observer]:
    if name in _REPORTS:
        os.environ.setdefault(*_REPORTS[name])
    try:
        module = importlib.import_module(f"merbench.experiments.observers.{name}_tracker")
    except ImportError as fault:
        raise UsageError(
            f"--track {name} needs a package that is not installed ({fault}); install it with: "
            f'pip install "merbench[{name}]"'
        ) from fault
    tracker: type[Observer] = getattr(module, SHIPPED[name])
    return tracker


def _foreign(name: str) -> type[Observer]:
    points = [point for point in entry_points(group=GROUP) if point.name == name]
    if not points:
        raise UnknownName("tracker", name, tracker_names())
    try:
        loaded = points[0].load()
    except Exception as fault:
        raise EntryError(f"tracker {name}, {points[0].value}: it cannot be imported: {fault}") from fault
    if not (isinstance(loaded, type) and issubclass(loaded, Observer)):
        raise EntryError(f"tracker {name}, {points[0].value}: it must be a class derived from Observer.")
    return loaded
