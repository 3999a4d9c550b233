"""Networks as torch compiles them: fewer and larger kernels, which repay a minute of compiling in a long run."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from merbench.inputs.cache import compiled_folder


class CannotCompile(Exception):
    """Raised for networks that torch does not compile here, for whatever reason it gives."""


def forward_of(network: nn.Module, compiled: bool) -> Callable[..., Tensor]:
    """The network, or its forward pass, compiled for the shapes of its first call or read from the user's cache.

    Networks of one structure share what is compiled, so that a run compiles once. Sums are taken in another order:
    results differ from those of the network itself by rounding.
    """
    if not compiled:
        return network
    # torch's own default is a folder of temporary files
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(compiled_folder()))
    forward: Callable[..., Tensor] = torch.compile(network, dynamic=False)
    return forward


@contextmanager
def compiling() -> Iterator[None]:
    """A block in which the compiler's own failures are `CannotCompile`, and its warnings are suppressed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except RuntimeError as error:
        if not _of_the_compiler(error):
            raise
        raise CannotCompile(_cause(error)) from error


def _cause(error: RuntimeError) -> str:
    """The first line that names a cause: what a backend raised follows a line that names the backend."""
    lines = [line for line in map(str.strip, str(error).splitlines()) if line and not line.endswith("raised:")]
    return lines[0] if lines else type(error).__name__


def _of_the_compiler(error: RuntimeError) -> bool:
    from torch._dynamo.exc import TorchDynamoException  # takes seconds to import; needed only when compiling

    return isinstance(error, TorchDynamoException) or type(error).__module__.startswith("torch._inductor")
