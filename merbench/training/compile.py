"""Networks as torch compiles them: fewer and larger kernels, which repay a minute of compiling in a long run."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class CannotCompile(Exception):
    """Raised for networks that torch does not compile here, for whatever reason it gives."""


def forward_of(network: nn.Module, compiled: bool) -> Callable[..., Tensor]:
    """The network, or its forward pass compiled at its first call for the shapes it gets.

    Networks of one structure share what is compiled, so that a run compiles once. Sums are taken in another order:
    numbers differ from those of the network itself by rounding.
    """
    if not compiled:
        return network
    found: Callable[..., Tensor] = torch.compile(network, dynamic=False)
    return found


@contextmanager
def compiling() -> Iterator[None]:
    """A block in which the compiler's own failures are `CannotCompile`, and its warnings, of itself, are not heard."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except RuntimeError as fault:
        if not _of_the_compiler(fault):
            raise
        raise CannotCompile(_said(fault)) from fault


def _said(fault: RuntimeError) -> str:
    """The first line that names a cause: what a backend raised stands below one that names the backend."""
    lines = [line for line in map(str.strip, str(fault).splitlines()) if line and not line.endswith("raised:")]
    return lines[0] if lines else type(fault).__name__


def _of_the_compiler(fault: RuntimeError) -> bool:
    from torch._dynamo.exc import TorchDynamoException  # an import of seconds, for those who compile alone

    return isinstance(fault, TorchDynamoException) or type(fault).__module__.startswith("torch._inductor")
