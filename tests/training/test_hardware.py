"""Devices by name, and which of several GPUs a process takes."""

import os
from types import SimpleNamespace

import pytest
import torch

from merbench.experiments.executors.processes import Processes
from merbench.experiments.executors.select import executor_of
from merbench.training import hardware
from merbench.training.hardware import find_device, indexed


@pytest.fixture
def three_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch, "zeros", lambda *size, device: SimpleNamespace(item=lambda: 0))


@pytest.mark.usefixtures("three_gpus")
@pytest.mark.parametrize(
    ("process", "device"),
    [("MainProcess", "cuda:0"), ("LokyProcess-1", "cuda:0"), ("LokyProcess-3", "cuda:2"), ("LokyProcess-4", "cuda:0")],
)
def test_worker_processes_take_gpus_in_turns(monkeypatch: pytest.MonkeyPatch, process: str, device: str) -> None:
    monkeypatch.setattr(hardware.multiprocessing, "current_process", lambda: SimpleNamespace(name=process))
    assert str(find_device("auto")) == device


@pytest.mark.usefixtures("three_gpus")
def test_a_gpu_that_is_named_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware.multiprocessing, "current_process", lambda: SimpleNamespace(name="LokyProcess-3"))
    assert str(find_device("cuda:1")) == "cuda:1"
    assert str(find_device("cuda")) == "cuda:0"


@pytest.mark.usefixtures("three_gpus")
def test_there_are_as_many_worker_processes_as_gpus_unless_a_device_or_a_number_is_given() -> None:
    def workers(given: int | None, device: str) -> int:
        executor = executor_of("processes", given, device)
        assert isinstance(executor, Processes)
        return executor.workers

    processors = len(os.sched_getaffinity(0))
    assert (workers(None, "auto"), workers(5, "auto")) == (3, 5)
    assert (workers(None, "cpu"), workers(None, "cuda:1")) == (processors, processors)


def test_only_gpus_have_an_index() -> None:
    assert str(indexed(torch.device("cpu"))) == "cpu"
    assert indexed(torch.device("cuda")).index == 0


def test_without_affinities_all_threads_are_available(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(hardware.os, "sched_getaffinity")
    assert hardware.available_threads() == torch.get_num_threads()
