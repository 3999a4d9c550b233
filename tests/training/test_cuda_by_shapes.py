"""Every network method on a CUDA device that is not there: devices, waits, determinism and launches, by shapes alone.

The budget of launches and bytes is written anew by ``python -m tests.training.test_cuda_by_shapes``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import torch

from merbench.cli.bench.workloads import CLASSES, folds
from merbench.entries.recipe import Training
from merbench.inputs.prepared import PreparedArray, PreparedFrames, PreparedInputs
from merbench.method import NetworkMethod
from merbench.registry import methods
from merbench.training.device.inputs import DeviceInputs
from merbench.training.device.transfer import constant
from merbench.training.numerics import Numerics
from merbench.training.optim import optimiser_for
from merbench.training.serial import FoldTrainer
from merbench.training.vmapped import VmappedTrainer
from tests.training.fake_cuda import fake_cuda, fake_networks
from tests.training.launch_recorder import Launches

BUDGET = Path(__file__).with_name("cuda_budget.json")
CLIPS, SUBJECTS, BATCH = 12, 4, 6
#: What another release of torch may launch more.
ALLOWANCE = 1.05
#: Every augmentation at once.
AUGMENTED = {"flip": 0.5, "rotation": 5.0, "pad": 10.0}


def network_methods() -> list[str]:
    """Every registered method that the engine trains."""
    return [kind.name for kind in methods.entries() if issubclass(kind, NetworkMethod)]


METHODS = network_methods()


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a training step and an evaluation of the held-out clips launch."""

    step: Launches
    evaluation: Launches


def prepared(method: NetworkMethod) -> PreparedInputs:
    """Empty inputs of the shapes that a method declares."""
    declared, frames = method.inputs(), None
    if declared.frames is not None:
        height, width = declared.frames.size
        channels, moments = 1 if declared.frames.grey else 3, len(declared.frames.at)
        frames = PreparedFrames(
            declaration=declared.frames,
            images=np.zeros((CLIPS, moments, 1, channels, height, width), np.uint8),
            counts=np.ones((CLIPS, moments), np.int64),
            annotated=np.zeros((CLIPS, moments), np.int64),
        )
    arrays = [
        PreparedArray(declaration=each, values=np.zeros((CLIPS, *each.shape), np.dtype(each.dtype)))
        for each in declared.arrays
    ]
    return PreparedInputs(count=CLIPS, frames=frames, arrays=tuple(arrays))


def numerics(device: str, precision: str, parallel_folds: int) -> Numerics:
    return Numerics(
        device=device, device_name="fake", precision=precision, threads=1, parallel_folds=parallel_folds,
        torch_version="", numpy_version="", tf32=precision == "float32",
    )  # fmt: skip


def quick(name: str) -> tuple[NetworkMethod, Training]:
    """A method by its quick recipe, in small batches and with every augmentation."""
    kind = methods.get(name)
    assert issubclass(kind, NetworkMethod)
    recipe = kind.recipe("quick", len(CLASSES))
    assert recipe.training is not None
    method = kind(kind.Parameters().changed(recipe.parameters))
    return method, recipe.training.changed({"batch": BATCH, **AUGMENTED})


@contextmanager
def without_values() -> Iterator[None]:
    """A block in which nothing compares values or assigns `.data`, which fake tensors cannot."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch("merbench.training.vmapped.difference", return_value=""))
        stack.enter_context(mock.patch.object(VmappedTrainer, "_share"))
        constant.cache_clear()
        yield
    constant.cache_clear()


@cache
def serial(name: str, precision: str = "bfloat16", device: str = "cuda:0") -> Measured:
    """What one fold launches in its second step, and when its held-out clips are evaluated."""
    method, training = quick(name)
    chosen, job = numerics(device, precision, 1), folds(CLIPS, SUBJECTS)[0]
    with fake_networks(method), without_values(), fake_cuda() as recorder:
        fold = FoldTrainer(method, training, job, DeviceInputs(prepared(method), chosen), 0, chosen)
        network = fold.new_network()
        optimiser = optimiser_for(training, network.parameters(), fold.device)
        fold.train_epoch(network, optimiser, 0, 1)
        recorder.clear()
        fold.train_epoch(network, optimiser, 0, 1)
        step = recorder.launches
        recorder.clear()
        fold.held_out_probabilities(network)
        return Measured(step=step, evaluation=recorder.launches)


@cache
def vmapped(name: str, count: int, precision: str = "bfloat16") -> Measured:
    """What folds launch that are trained at once."""
    method, training = quick(name)
    chosen, jobs = numerics("cuda:0", precision, count), folds(CLIPS, SUBJECTS)[:count]
    with fake_networks(method), without_values(), fake_cuda() as recorder:
        trainer = VmappedTrainer(method, training, jobs, DeviceInputs(prepared(method), chosen), 0, chosen)
        optimiser = optimiser_for(training, trainer.parameters.values(), trainer.device)
        trainer.train_epoch(optimiser, 0, 1)
        recorder.clear()
        trainer.train_epoch(optimiser, 0, 1)
        step = recorder.launches
        recorder.clear()
        trainer._probabilities()
        return Measured(step=step, evaluation=recorder.launches)


def require_clean(launches: Launches) -> None:
    assert launches.waits == [], "the host waits for the device"
    assert launches.mixed_devices == [], "tensors of the host and of the device meet"
    assert launches.nondeterministic == {}, "kernels whose bits are not promised"
    assert launches.total > 0


def used(measured: Measured) -> dict[str, int]:
    return {
        "launches": measured.step.kernels.total(),
        "bytes": measured.step.bytes,
        "evaluation_launches": measured.evaluation.kernels.total(),
    }


def require_within_budget(name: str, way: str, measured: Measured) -> None:
    budget = json.loads(BUDGET.read_text(encoding="utf-8"))[name][way]
    for what, value in used(measured).items():
        assert value <= ALLOWANCE * budget[what], f"{what} of {way} folds; the head of this file says how to renew it"


@pytest.mark.parametrize("name", METHODS)
def test_one_fold_waits_for_nothing_and_launches_few_and_deterministic_kernels(name: str) -> None:
    measured = serial(name)
    require_clean(measured.step)
    require_clean(measured.evaluation)
    require_within_budget(name, "serial", measured)


@pytest.mark.parametrize("name", METHODS)
def test_so_it_does_in_tf32(name: str) -> None:
    require_clean(serial(name, "float32").step)
    require_clean(serial(name, "float32").evaluation)


@pytest.mark.parametrize("name", METHODS)
def test_vmapped_folds_do_so_and_more_folds_launch_no_more(name: str) -> None:
    few, many = vmapped(name, 2), vmapped(name, 3)
    require_clean(few.step)
    require_clean(few.evaluation)
    require_within_budget(name, "vmapped", few)
    assert many.step.total == few.step.total
    assert many.evaluation.total == few.evaluation.total


@pytest.mark.parametrize("name", ["ststnet"])
def test_a_device_without_its_index_is_the_same(name: str) -> None:
    assert serial(name, device="cuda") == serial(name, device="cuda:0")


def test_the_recorder_sees_what_it_is_for() -> None:
    with fake_cuda() as recorder:
        values = torch.ones(3, device="cuda")
        host = torch.ones(3)
        values.to("cpu")
        host.to("cuda")
        _ = values[torch.tensor([0, 1])]
        torch.nn.functional.adaptive_avg_pool2d(torch.ones(1, 2, 7, 7, device="cuda", requires_grad=True), 3)
        launches = recorder.launches
    assert [wait.partition(" at ")[0] for wait in launches.waits] == [
        "copy to the host", "blocking copy to the device",
    ]  # fmt: skip
    assert [mixed.partition(" at ")[0] for mixed in launches.mixed_devices] == ["index"]


if __name__ == "__main__":
    content = {name: {"serial": used(serial(name)), "vmapped": used(vmapped(name, 2))} for name in METHODS}
    BUDGET.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
