"""Global settings of torch: what a method's code changes of them reaches no other fold and no other method."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from merbench.method import TrainInfo
from merbench.training.fit import FoldJob, TrainedFold
from merbench.training.numerics import choose
from merbench.training.pinning import pin, pinned
from tests.training.conftest import Tiny

Fit = Callable[..., list[TrainedFold]]

CHANGES: dict[str, Callable[[], object]] = {
    "default type": lambda: torch.set_default_dtype(torch.float64),
    "gradients": lambda: torch.set_grad_enabled(False),
    "threads": lambda: torch.set_num_threads(3),
    "deterministic": lambda: torch.use_deterministic_algorithms(True),
    "mkldnn": lambda: torch._C._set_mkldnn_enabled(False),
    "cudnn": lambda: setattr(torch.backends.cudnn, "benchmark", True),
    "tf32": lambda: setattr(torch.backends.cuda.matmul, "allow_tf32", True),
}


def settings() -> tuple[object, ...]:
    cudnn = torch.backends.cudnn
    return (
        torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(), torch._C._get_mkldnn_enabled(), cudnn.benchmark,
        cudnn.deterministic, torch.backends.cuda.matmul.allow_tf32,
    )  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_in_a_block_is_put_back(change: str) -> None:
    before = settings()
    with pinned(choose("cpu", "float32", threads=1)):
        inside = settings()
        CHANGES[change]()
        assert settings() != inside
        pin(choose("cpu", "float32", threads=1))
        assert settings() == inside
        CHANGES[change]()
    assert settings() == before


@pytest.mark.parametrize("change", ["default type", "gradients", "mkldnn"])
def test_a_method_that_changes_settings_changes_no_results(fit: Fit, tasks: list[FoldJob], change: str) -> None:
    class Meddling(Tiny):
        def network(self, train: TrainInfo) -> nn.Module:
            network = super().network(train)
            CHANGES[change]()
            return network

    before, plain = settings(), fit(tasks)
    meddled = fit(tasks, Meddling())
    assert settings() == before
    for one, other in zip(plain, meddled, strict=True):
        np.testing.assert_array_equal(one.probabilities, other.probabilities)


def test_on_a_gpu_kernels_are_deterministic_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    enabled: list[Any] = []
    monkeypatch.setattr(torch, "use_deterministic_algorithms", lambda mode, **kwargs: enabled.append(mode))
    with pinned(dataclasses.replace(choose("cpu", "float32"), device="cuda")):
        pass
    assert enabled[0] is True


def test_kernels_of_a_gpu_are_deterministic_where_bits_are_promised() -> None:
    on_gpu = dataclasses.replace(choose("cpu", "float32"), device="cuda:0")
    free = dataclasses.replace(on_gpu, deterministic=False)
    seen = []
    for numerics in (on_gpu, free):
        with pinned(numerics):
            cudnn = torch.backends.cudnn
            seen.append((torch.are_deterministic_algorithms_enabled(), cudnn.deterministic, cudnn.benchmark))
    assert seen == [(True, True, False), (False, False, True)]
