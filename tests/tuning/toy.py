"""A method that is tuned in no time; with MERBENCH_TEST_KILL in the environment, it kills one process, once."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from merbench.entries.parameters import Parameters, parameter
from merbench.inputs import Frames, Inputs
from merbench.method import FittedMethod, Predictor

CALLS = []


@dataclass(frozen=True, kw_only=True)
class ToyParameters(Parameters):
    size: int = parameter(16, "small", low=8, high=32, step=8)
    distance: str = parameter("euclid", "as usual", choices=("euclid", "city"))
    power: float = parameter(2.0, "as usual", low=1.0, high=8.0, unless={"distance": ("city",)})
    scale: float = parameter(1.0, "a choice", low=1e-4, high=1e4, log=True)
    moment: str = parameter("apex", "what is looked at", choices=("apex", "offset"))
    off: float = parameter(0.0, "switched off", low=0.0, high=1.0)


class Toy(FittedMethod):
    name = "toy"
    title = "Nearest mean"
    family = "hand-crafted"
    Parameters = ToyParameters

    def inputs(self):
        size = self.parameters.size
        return Inputs(frames=Frames(at=("onset", self.parameters.moment), size=(size, size)))

    def fit(self, train, samples, generator):
        _die_once()
        return Means(self.parameters, train, features(samples))


def _die_once():
    """Kill this process at its third training, unless another one was killed before."""
    marker = os.environ.get("MERBENCH_TEST_KILL")
    CALLS.append(1)
    if marker and len(CALLS) == 3:
        try:
            Path(marker).touch(exist_ok=False)
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)


def features(samples):
    frames = samples.frames.astype(np.float64)
    return (frames[:, 1] - frames[:, 0]).reshape(len(frames), -1) / 255


class Means(Predictor):
    def __init__(self, chosen, train, seen):
        self.chosen = chosen
        self.means = [
            seen[train.labels == label].mean(axis=0) if (train.labels == label).any() else seen.mean(axis=0)
            for label in range(len(train.classes))
        ]

    def probabilities(self, held_out):
        seen = features(held_out)
        power = self.chosen.power if self.chosen.distance == "euclid" else 1.0
        far = np.stack([(np.abs(seen - mean) ** power).mean(axis=1) for mean in self.means], axis=1)
        epochs = np.array([0.1, 1.0, 10.0])[:, None, None]
        logits = -self.chosen.scale * 1000 * epochs * far[None]
        exact = np.exp(logits - logits.max(axis=2, keepdims=True))
        return exact / exact.sum(axis=2, keepdims=True)
