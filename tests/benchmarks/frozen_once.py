"""What it gains to compute frozen parts once: folds of ResNet-18 trained in either way, in turns, on the same inputs.

Prints the processor seconds of either on one thread, their ratio, and how far apart the probabilities are::

    python tests/benchmarks/frozen_once.py [PARTS ...]

The training is that of the quick recipe without augmentation, on pictures of 112 pixels. PARTS are values of the
setting `frozen`, such as conv1,bn1,layer1.
"""

from __future__ import annotations

import dataclasses
import sys
import time

import numpy as np
import torch

from merbench.cli.bench.workloads import flow_of, folds, resnet
from merbench.entries.recipe import Training
from merbench.method import NetworkMethod, built_network
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fit import fit_folds
from merbench.training.fold_job import FoldJob, Start
from merbench.training.numerics import Numerics, choose

CLIPS, SUBJECTS, SIZE, ROUNDS = 24, 3, 112, 1
STAGES = ("conv1,bn1,layer1", "layer2", "layer3", "layer4")
USUAL = tuple(",".join(STAGES[:count]) for count in (2, 3, 4))


def method() -> NetworkMethod:
    """ResNet-18 on flow and strain, at the size of the published recipe."""
    quick = resnet()
    return type(quick)(quick.parameters.changed({"size": SIZE}))


def jobs() -> list[FoldJob]:
    """Folds that start from the same values."""
    made = folds(CLIPS, SUBJECTS)
    torch.manual_seed(0)
    start = Start(tensors=built_network(method(), made[0].info).state_dict())
    return [dataclasses.replace(job, start=start) for job in made]


def trained(training: Training, numerics: Numerics) -> tuple[float, np.ndarray]:
    """The seconds of all folds, and their probabilities after the last epoch `(clip class)`."""
    inputs = DeviceInputs(flow_of(CLIPS, method()), numerics)
    made = jobs()
    began = time.process_time()
    result = fit_folds(method(), training, made, inputs, seed=0, numerics=numerics)
    return time.process_time() - began, np.concatenate([fold.probabilities[-1] for fold in result])


def measure(frozen: str) -> str:
    """A line on one value of the setting."""
    recipe = method().recipes["quick"].training
    assert recipe is not None
    training = recipe.changed({"frozen": frozen, "flip": 0.0, "pad": 0.0})
    anew = choose("cpu", "float32", threads=1).without_autotuning()
    once = dataclasses.replace(anew, frozen_once=True)
    seconds: dict[Numerics, list[float]] = {anew: [], once: []}
    results = {}
    for _ in range(ROUNDS):
        for numerics, spent in seconds.items():
            took, results[numerics] = trained(training, numerics)
            spent.append(took)
    slow, fast = np.median(seconds[anew]), np.median(seconds[once])
    apart = np.abs(results[anew] - results[once]).max()
    return f"{frozen}: {slow:.1f} s anew, {fast:.1f} s once, ratio {slow / fast:.2f}; at most {apart:.1g} apart"


if __name__ == "__main__":
    for parts in sys.argv[1:] or USUAL:
        print(measure(parts), flush=True)  # noqa: T201
