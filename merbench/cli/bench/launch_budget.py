"""What a training step of every network method may launch on a GPU, and the small loads that it is counted on."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np

from merbench.cli.bench.workloads import CLASSES
from merbench.entries.recipe import Training
from merbench.inputs.prepared import PreparedArray, PreparedFrames, PreparedInputs
from merbench.method import NetworkMethod
from merbench.registry import methods

#: Launches and bytes of a step, by method and by how folds are trained.
FILE = Path(__file__).with_name("launch_budget.toml")
CLIPS, SUBJECTS, BATCH = 12, 4, 6
#: What another release of torch may launch more.
ALLOWANCE = 1.05
#: Every augmentation at once.
_AUGMENTED = {"flip": 0.5, "rotation": 5.0, "pad": 10.0}

Budget = dict[str, dict[str, dict[str, int]]]


def network_methods() -> list[str]:
    """Every registered method that the engine trains."""
    return [kind.name for kind in methods.entries() if issubclass(kind, NetworkMethod)]


def budget() -> Budget:
    """The budget of every method."""
    content: Budget = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return content


def write(counted: Budget) -> None:
    """Write the budget anew."""
    tables = [
        f"[{name}.{way}]\n" + "".join(f"{what} = {value}\n" for what, value in used.items())
        for name, ways in counted.items()
        for way, used in ways.items()
    ]
    FILE.write_text("\n".join(tables), encoding="utf-8")


def quick_load(name: str) -> tuple[NetworkMethod, Training]:
    """A method by its quick recipe, in small batches and with every augmentation."""
    kind = methods.get(name)
    assert issubclass(kind, NetworkMethod)
    recipe = kind.recipe("quick", len(CLASSES))
    assert recipe.training is not None
    method = kind(kind.Parameters().changed(recipe.parameters))
    return method, recipe.training.changed({"batch": BATCH, **_AUGMENTED})


def blank_inputs(method: NetworkMethod, clips: int = CLIPS) -> PreparedInputs:
    """Inputs of the shapes that a method declares, all zero."""
    declared, frames = method.inputs(), None
    if declared.frames is not None:
        height, width = declared.frames.size
        channels, moments = 1 if declared.frames.grey else 3, len(declared.frames.at)
        frames = PreparedFrames(
            declaration=declared.frames,
            images=np.zeros((clips, moments, 1, channels, height, width), np.uint8),
            counts=np.ones((clips, moments), np.int64),
            annotated=np.zeros((clips, moments), np.int64),
        )
    arrays = [
        PreparedArray(declaration=each, values=np.zeros((clips, *each.shape), np.dtype(each.dtype)))
        for each in declared.arrays
    ]
    return PreparedInputs(count=clips, frames=frames, arrays=tuple(arrays))
