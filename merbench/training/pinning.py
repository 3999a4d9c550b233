"""Global settings of torch that change results or their speed: pinned around training, and put back after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import torch

from merbench.training.allocator import freed_memory_kept
from merbench.training.numerics import Numerics

_WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settings:
    """The settings that a method's code might change, and so other methods' results."""

    threads: int
    dtype: torch.dtype
    gradients: bool
    deterministic: bool
    warn_only: bool
    fill_uninitialised: bool
    cudnn: tuple[bool, bool, bool]
    mkldnn: bool
    tf32: tuple[bool, bool]
    workspace: str | None

    @classmethod
    def current(cls) -> _Settings:
        """Those of this thread and process."""
        cudnn = torch.backends.cudnn
        return cls(
            threads=torch.get_num_threads(),
            dtype=torch.get_default_dtype(),
            gradients=torch.is_grad_enabled(),
            deterministic=torch.are_deterministic_algorithms_enabled(),
            warn_only=torch.is_deterministic_algorithms_warn_only_enabled(),
            fill_uninitialised=torch._C._get_deterministic_fill_uninitialized_memory(),
            cudnn=(cudnn.enabled, cudnn.deterministic, cudnn.benchmark),
            mkldnn=torch._C._get_mkldnn_enabled(),
            tf32=(torch.backends.cuda.matmul.allow_tf32, cudnn.allow_tf32),
            workspace=os.environ.get(_WORKSPACE),
        )

    @classmethod
    def of(cls, numerics: Numerics) -> _Settings:
        """Those that numerics stand for: where bits are promised, kernels on a GPU are deterministic or refused."""
        return cls(
            threads=numerics.threads,
            dtype=torch.float32,
            gradients=True,
            deterministic=numerics.deterministic and numerics.torch_device.type == "cuda",
            warn_only=False,
            fill_uninitialised=False,
            cudnn=(True, numerics.deterministic, not numerics.deterministic),
            mkldnn=True,
            tf32=(numerics.tf32, numerics.tf32),
            workspace=os.environ.get(_WORKSPACE) or (":4096:8" if numerics.deterministic else None),
        )

    def apply(self) -> None:
        """Make these settings current."""
        if torch.get_num_threads() != self.threads:
            torch.set_num_threads(self.threads)
        torch.set_default_dtype(self.dtype)
        torch.set_grad_enabled(self.gradients)
        torch.use_deterministic_algorithms(self.deterministic, warn_only=self.warn_only)
        torch._C._set_deterministic_fill_uninitialized_memory(self.fill_uninitialised)
        cudnn = torch.backends.cudnn
        cudnn.enabled, cudnn.deterministic, cudnn.benchmark = self.cudnn
        torch._C._set_mkldnn_enabled(self.mkldnn)
        torch.backends.cuda.matmul.allow_tf32, cudnn.allow_tf32 = self.tf32
        if self.workspace is None:
            os.environ.pop(_WORKSPACE, None)
        else:
            os.environ[_WORKSPACE] = self.workspace


@contextmanager
def pinned(numerics: Numerics) -> Iterator[None]:
    """A block that computes as the numerics say, whatever was set before; the settings are put back after it.

    On a processor, memory that is freed inside is kept for the next step.
    """
    before = _Settings.current()
    memory = freed_memory_kept() if numerics.torch_device.type == "cpu" else nullcontext()
    with memory:
        pin(numerics)
        try:
            yield
        finally:
            before.apply()


def pin(numerics: Numerics) -> None:
    """Undo what a method's code changed of the settings, inside a block of `pinned`."""
    settings = _Settings.of(numerics)
    if _Settings.current() != settings:
        settings.apply()
