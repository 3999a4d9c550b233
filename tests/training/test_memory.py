"""What counts as too little memory, and what is tried then."""

import dataclasses
from collections.abc import Callable

import pytest
import torch

from merbench.entries.recipe import Training
from merbench.inputs.prepared import PreparedFrames, PreparedInputs
from merbench.training import autotune, memory
from merbench.training.autotune import Probe
from merbench.training.device.inputs import DeviceInputs
from merbench.training.fit import FoldJob
from merbench.training.graphed import CannotGraph
from merbench.training.numerics import Numerics, choose
from merbench.training.vmapped import CannotVmap
from tests.training.conftest import Tiny


@pytest.mark.parametrize(
    ("error", "counts"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (MemoryError(), True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("shapes cannot be multiplied"), False),
        (ValueError("CUDA out of memory"), False),
    ],
)
def test_failed_allocations_of_every_library_count(error: Exception, counts: bool) -> None:
    assert memory.is_out_of_memory(error) is counts


def test_free_memory_counts_what_is_reserved_but_unallocated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (100, 1000))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 50)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 20)
    assert memory.free(torch.device("cuda")) == 130


Tried = Callable[[str, int], tuple[Numerics, list[int]]]


@pytest.fixture
def probed(prepared: PreparedFrames, tasks: list[FoldJob], monkeypatch: pytest.MonkeyPatch) -> Tried:
    """A function that probes where so many folds fit, and gives what was chosen and tried."""

    def probe(parallelism: str, fitting: int) -> tuple[Numerics, list[int]]:
        tried: list[int] = []

        def seconds(self: Probe, numerics: Numerics) -> float:
            tried.append(numerics.parallel_folds)
            if numerics.parallel_folds > fitting:
                raise RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED")
            return 1 / numerics.parallel_folds

        monkeypatch.setattr(Probe, "seconds", seconds)
        monkeypatch.setattr(autotune, "available_threads", lambda: 4)
        monkeypatch.setattr(memory, "free", lambda device: 1 << 50)
        serial = dataclasses.replace(choose("cpu", "float32", threads=1), parallelism=parallelism)
        inputs = DeviceInputs(PreparedInputs(count=16, frames=prepared), serial)
        return Probe(Tiny(), Training(batch=5), tasks * 8, inputs, 0, serial).best(), tried

    return probe


@pytest.mark.parametrize(
    ("fitting", "tried", "chosen"),
    [(40, [1, 32, 8], 32), (10, [1, 32, 16, 8], 8), (3, [1, 32, 16, 8, 4, 2], 2), (1, [1, 32, 16, 8, 4, 2], 1)],
)
def test_where_vmapped_folds_do_not_fit_half_as_many_are_tried(
    probed: Tried, fitting: int, tried: list[int], chosen: int
) -> None:
    numerics, attempts = probed("vmapped", fitting)
    assert (attempts, numerics.parallel_folds) == (tried, chosen)


def test_where_threads_do_not_fit_more_of_them_are_not_tried(probed: Tried) -> None:
    numerics, attempts = probed("threaded", 1)
    assert (attempts, numerics.parallel_folds) == ([1, 2], 1)


Seconds = dict[tuple[str, int], float]


@pytest.fixture
def on_gpu(prepared: PreparedFrames, tasks: list[FoldJob], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Probe]:
    """A function that gives a probe on a GPU that is not there, where settings take so many seconds."""

    def probe(seconds: Seconds, refused: Exception | None = None) -> Probe:
        def measured(self: Probe, numerics: Numerics) -> float:
            setting = (numerics.parallelism, numerics.parallel_folds)
            if refused is not None and setting not in seconds:
                raise refused
            return seconds[setting]

        monkeypatch.setattr(Probe, "seconds", measured)
        monkeypatch.setattr(Probe, "_serial", lambda probe: (1, 1.0))
        monkeypatch.setattr(memory, "free", lambda device: 1 << 50)
        monkeypatch.setattr(memory, "release", lambda device: None)
        serial = dataclasses.replace(choose("cpu", "float32", threads=1), parallelism="vmapped")
        inputs = DeviceInputs(PreparedInputs(count=16, frames=prepared), serial)
        made = Probe(Tiny(), Training(batch=5), tasks * 4, inputs, 0, serial)
        made.device = torch.device("cuda")
        return made

    return probe


STACKED = {("vmapped", 16): 0.5, ("vmapped", 8): 0.6}


@pytest.mark.parametrize(
    ("graphed", "chosen"), [((0.4, 0.6), ("graphed", 8)), ((0.9, 0.3), ("graphed", 1)), ((0.6, 0.7), ("vmapped", 16))]
)
def test_captured_steps_are_chosen_where_they_are_fastest(
    on_gpu: Callable[..., Probe], graphed: tuple[float, float], chosen: tuple[str, int]
) -> None:
    probe = on_gpu({**STACKED, ("graphed", 8): graphed[0], ("graphed", 1): graphed[1]})
    best = probe.best()
    assert (best.parallelism, best.parallel_folds) == chosen
    assert f"8 in CUDA graphs take {graphed[0]:.2f} of the time of one by one" in probe.lines
    assert best.record()["together"] == chosen[0]


def test_of_what_cannot_be_captured_stacks_are_still_chosen(on_gpu: Callable[..., Probe]) -> None:
    probe = on_gpu(STACKED, CannotGraph("it draws"))
    assert probe.best().parallel_folds == 16
    assert [line for line in probe.lines if "CUDA" in line] == ["tiny cannot be captured in CUDA graphs (it draws)"]


def test_of_what_cannot_be_stacked_steps_are_still_captured(on_gpu: Callable[..., Probe]) -> None:
    probe = on_gpu({("graphed", 8): 0.4, ("graphed", 1): 0.5}, CannotVmap("it reads"))
    best = probe.best()
    assert (best.parallelism, best.parallel_folds) == ("graphed", 8)
    assert "tiny cannot be vmapped (it reads)" in probe.lines
