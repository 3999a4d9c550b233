"""Every network method on a CUDA device that is not there: devices, waits, determinism and launches, by shapes alone.

The budget of launches and bytes is written anew by ``python -m tests.training.test_cuda_by_shapes``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from unittest import mock

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from merbench.cli.bench import launch_budget
from merbench.cli.bench.launch_budget import ALLOWANCE, CLIPS, SUBJECTS, blank_inputs, quick_load
from merbench.cli.bench.workloads import folds
from merbench.entries.recipe import Training
from merbench.inference.fold_networks import explained
from merbench.inference.predict import probabilities_of_all
from merbench.method import NetworkMethod
from merbench.registry import methods
from merbench.training.device.inputs import DeviceInputs
from merbench.training.device.transfer import constant
from merbench.training.fit import fit_folds
from merbench.training.fold_job import TrainedFold
from merbench.training.graphed import GraphedFold
from merbench.training.numerics import Numerics
from merbench.training.optim import optimiser_for
from merbench.training.sampling import stack_plans
from merbench.training.serial import FoldTrainer
from merbench.training.vmapped import VmappedTrainer
from tests.training.fake_cuda import fake_cuda, fake_networks
from tests.training.launch_recorder import Launches
from tests.training.replay import EmulatedLane

METHODS = launch_budget.network_methods()


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What is launched by a training step, by an evaluation of the held-out clips, and by a use of the network."""

    step: Launches
    evaluation: Launches
    prediction: Launches | None = None
    explanation: Launches | None = None


def numerics(device: str, precision: str, parallel_folds: int) -> Numerics:
    return Numerics(
        device=device, device_name="fake", precision=precision, threads=1, parallel_folds=parallel_folds,
        torch_version="", numpy_version="", tf32=precision == "float32",
    )  # fmt: skip


@contextmanager
def without_values() -> Iterator[None]:
    """A block in which nothing compares values or assigns `.data`, which fake tensors cannot."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch("merbench.training.vmapped.difference", return_value=""))
        stack.enter_context(mock.patch.object(VmappedTrainer, "_share"))
        stack.enter_context(mock.patch.object(torch, "allclose", return_value=True))
        constant.cache_clear()
        yield
    constant.cache_clear()


def optimiser_with_state(training: Training, parameters: Iterable[Tensor], device: torch.device) -> Optimizer:
    """An optimiser whose state exists, which only a first step launches."""
    trained = [parameter for parameter in parameters if parameter.requires_grad]
    optimiser = optimiser_for(training, trained, device)
    for parameter in trained:
        parameter.grad = torch.zeros_like(parameter)
    optimiser.step()
    return optimiser


def captured_step(fold: FoldTrainer) -> Callable[[], None]:
    """A step as it is captured: on fixed places, with masks that are held, and where nothing may be pinned."""
    graphed = GraphedFold(fold, EmulatedLane(fold.device))
    graphed.begin_epoch()
    slot = graphed.steps[0].copied()
    with torch.no_grad(), fold.autocast():
        graphed.network.train()(*fold.inputs.views(slot))
    graphed.optimiser = optimiser_with_state(fold.training, graphed.network.parameters(), fold.device)
    for masks in graphed._masks():
        masks.hold()

    def step() -> None:
        with mock.patch.object(Tensor, "pin_memory", side_effect=AssertionError("a captured step pins memory")):
            graphed._train(slot)

    return step


@cache
def serial(name: str, precision: str = "bfloat16", device: str = "cuda:0") -> Measured:
    """What one fold launches: a step, its held-out clips, a prediction of new clips, and what explains them.

    In float32 it is the step as it would be captured in a CUDA graph.
    """
    method, training = quick_load(name)
    chosen, job = numerics(device, precision, 1), folds(CLIPS, SUBJECTS)[0]
    with fake_networks(method), without_values(), fake_cuda() as recorder:

        def launched(work: Callable[[], object]) -> Launches:
            recorder.clear()
            work()
            seen = recorder.launches
            recorder.clear()
            return seen

        prepared = blank_inputs(method)
        inputs = DeviceInputs(prepared, chosen)
        fold = FoldTrainer(method, training, job, inputs, 0, chosen)
        if precision == "float32":
            step = launched(captured_step(fold))
            network = fold.new_network()
            return Measured(step=step, evaluation=launched(lambda: fold.held_out_probabilities(network)))
        network = fold.new_network()
        views, _ = next(fold.inputs.batches(fold.sample_plan()))
        with torch.no_grad(), fold.autocast():  # constants are sent, and masks drawn, in a first step
            network.train()(*views)
        optimiser = optimiser_with_state(training, network.parameters(), fold.device)
        step = launched(lambda: fold.train_epoch(network, optimiser, 0, 1))
        evaluation = launched(lambda: fold.held_out_probabilities(network))
        prediction = launched(lambda: probabilities_of_all(network, prepared, chosen))
        explanation = None
        if hasattr(network, "attention"):
            explanation = launched(lambda: explained(network, inputs, job.held_out, chosen, name))
        return Measured(step=step, evaluation=evaluation, prediction=prediction, explanation=explanation)


@cache
def vmapped(name: str, count: int, precision: str = "bfloat16") -> Measured:
    """What folds launch that are trained at once."""
    method, training = quick_load(name)
    chosen, jobs = numerics("cuda:0", precision, count), folds(CLIPS, SUBJECTS)[:count]
    with fake_networks(method), without_values(), fake_cuda() as recorder:
        trainer = VmappedTrainer(method, training, jobs, DeviceInputs(blank_inputs(method), chosen), 0, chosen)
        views, _ = next(trainer.inputs.batches(stack_plans([fold.sample_plan() for fold in trainer.folds])))
        with torch.no_grad():
            trainer._logits(views, trainer.buffers, train=True)
        optimiser = optimiser_with_state(training, trainer.parameters.values(), trainer.device)
        recorder.clear()
        trainer.train_epoch(optimiser, 0, 1)
        step = recorder.launches
        recorder.clear()
        trainer._probabilities()
        return Measured(step=step, evaluation=recorder.launches)


def composite_load() -> tuple[NetworkMethod, Training]:
    """STSTNet by its published training of the composite."""
    kind = methods.get("ststnet")
    assert issubclass(kind, NetworkMethod)
    training = kind.recipe("published-matlab", 3).training
    assert training is not None
    return kind(), training


def require_clean(launches: Launches) -> None:
    assert launches.waits == [], "the host waits for the device"
    require_sound(launches)


def require_sound(launches: Launches) -> None:
    assert launches.mixed_devices == [], "tensors of the host and of the device meet"
    assert launches.nondeterministic == {}, "kernels whose bits are not promised"
    assert launches.total > 0


def require_only_results_awaited(launches: Launches, results: range) -> None:
    """Nothing is awaited but results; what is sent before, such as weights, is not sent by a network itself."""
    require_sound(launches)
    kinds = [wait.partition(" at ")[0] for wait in launches.waits]
    assert kinds.count("copy to the host") in results
    assert set(kinds) <= {"copy to the host", "blocking copy to the device"}
    assert [wait for wait in launches.waits if "/methods/" in wait] == []


def used(measured: Measured) -> dict[str, int]:
    return {
        "launches": measured.step.kernels.total(),
        "bytes": measured.step.bytes,
        "evaluation_launches": measured.evaluation.kernels.total(),
    }


def require_within_budget(name: str, way: str, measured: Measured) -> None:
    budget = launch_budget.budget()[name][way]
    for what, value in used(measured).items():
        assert value <= ALLOWANCE * budget[what], f"{what} of {way} folds; the head of this file says how to renew it"


@pytest.mark.parametrize("name", METHODS)
def test_one_fold_waits_for_results_alone_and_launches_few_and_deterministic_kernels(name: str) -> None:
    measured = serial(name)
    require_clean(measured.step)
    require_clean(measured.evaluation)
    require_within_budget(name, "serial", measured)
    assert measured.prediction is not None
    require_only_results_awaited(measured.prediction, range(1, 2))
    assert (name == "mmnet") <= (measured.explanation is not None)
    if measured.explanation is not None:
        require_only_results_awaited(measured.explanation, range(2, 10))


@pytest.mark.parametrize("name", METHODS)
def test_so_it_does_in_tf32_where_its_step_is_captured(name: str) -> None:
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


def test_inner_folds_of_a_trial_wait_for_their_probabilities_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    method, training = quick_load("ststnet")
    jobs = [job for job in folds(CLIPS + 1, SUBJECTS) if len(job.train) == CLIPS - 2]  # who watch 3 clips each
    seen = []

    def look(fold: str, epoch: int, probabilities: Tensor) -> None:
        seen.append((fold, epoch, probabilities.cpu().numpy().shape))

    def trained(trainer: VmappedTrainer, place: int, probabilities: np.ndarray) -> TrainedFold:
        return TrainedFold(probabilities=probabilities, network=nn.Identity(), parallel_folds=len(trainer.jobs))

    monkeypatch.setattr(VmappedTrainer, "_trained", trained)
    chosen = numerics("cuda:0", "bfloat16", len(jobs))
    notes: list[str] = []
    with fake_networks(method), without_values(), fake_cuda() as recorder:
        inputs = DeviceInputs(blank_inputs(method, CLIPS + 1), chosen)
        recorder.clear()
        results = fit_folds(
            method, training.changed({"epochs": 2}), jobs, inputs, seed=0, numerics=chosen, on_epoch=look,
            on_note=notes.append,
        )  # fmt: skip
        launches = recorder.launches
    assert (notes, {each.parallel_folds for each in results}) == ([], {len(jobs)})
    assert seen == [(job.name, epoch, (3, 3)) for epoch in range(2) for job in jobs]
    require_only_results_awaited(launches, range(len(seen) + 1, len(seen) + 2))


def test_stacked_folds_do_so_in_tf32() -> None:
    require_clean(vmapped("ststnet", 2, "float32").step)


def test_68_stacked_folds_of_ststnet_launch_at_most_100_kernels_a_step() -> None:
    method, training = composite_load()
    chosen, jobs = numerics("cuda:0", "bfloat16", 68), folds(442, 68)
    with fake_networks(method), without_values(), fake_cuda() as recorder:
        inputs = DeviceInputs(blank_inputs(method, 442), chosen)
        trainer = VmappedTrainer(method, training, jobs, inputs, 0, chosen)
        optimiser = optimiser_with_state(training, trainer.parameters.values(), trainer.device)
        trainer.train_epoch(optimiser, 0, 1)  # which draws the masks of 16 steps
        recorder.clear()
        for epoch in range(8):
            trainer.train_epoch(optimiser, epoch)
        launches = recorder.launches
    require_clean(launches)
    assert launches.kernels["uniform_"] == 68 * 3
    assert launches.kernels.total() / 16 <= 100
    assert launches.bytes / 16 <= 12e9


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
    launch_budget.write({name: {"serial": used(serial(name)), "vmapped": used(vmapped(name, 2))} for name in METHODS})
