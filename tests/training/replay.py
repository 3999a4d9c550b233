"""CUDA graphs emulated on any device: operations of a captured block run again on the same tensors, Python does not.

What a graph would not see, such as a tensor that was replaced or a branch that was taken otherwise, is not seen here
either.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

from merbench.entries.recipe import Training
from merbench.training.randomness import draw_ahead
from merbench.training.serial import FoldTrainer


def as_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have masks be drawn ahead, two steps at once, and learning rates be tensors, as on a GPU."""
    build = FoldTrainer.build_network

    def built(fold: FoldTrainer) -> nn.Module:
        network = build(fold)
        draw_ahead(network, ahead=True)
        return network

    def optimiser(
        training: Training, parameters: Iterable[Tensor], device: torch.device, groups: object
    ) -> torch.optim.Optimizer:
        return torch.optim.Adam(parameters, lr=torch.tensor(training.learning_rate), fused=True)

    monkeypatch.setattr(FoldTrainer, "build_network", built)
    monkeypatch.setattr("merbench.training.serial.optimiser_for", optimiser)
    monkeypatch.setattr("merbench.training.graphed.optimiser_for", optimiser)
    monkeypatch.setattr("merbench.training.masks._STEPS", 2)


class EmulatedLane:
    """A lane whose graphs are lists of operations."""

    def __init__(self, device: torch.device) -> None:
        self.captures = self.replays = 0

    def use(self) -> contextlib.AbstractContextManager[None]:
        """A block that is computed as any other."""
        return contextlib.nullcontext()

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        """What replays the work, whose effects are undone as if it had not been computed."""
        self.captures += 1
        recorder = _Recorder()
        with recorder:
            work()
        recorder.undo()

        def replay() -> None:
            self.replays += 1
            recorder.replay()

        return replay

    def join(self) -> None:
        """Nothing is waited for."""


class _Recorder(TorchDispatchMode):
    """A mode that keeps every operation with its tensors."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: list[tuple[Any, Any, Any, Any]] = []
        self._own: set[int] = set()
        self._before: dict[int, tuple[Tensor, Tensor]] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        self._keep_what_is_outside(_tensors((args, kwargs)))
        result = func(*args, **kwargs)
        self._calls.append((func, args, kwargs, result))
        self._own |= {_storage(tensor) for tensor in _tensors(result)} - {_storage(t) for t in _tensors((args, kwargs))}
        return result

    def _keep_what_is_outside(self, tensors: list[Tensor]) -> None:
        """Keep what may be written to: schemas do not say so of the statistics of a batch norm."""
        for tensor in tensors:
            key = _storage(tensor)
            if key not in self._own and key not in self._before:
                whole = tensor.new_empty(0).set_(tensor.untyped_storage())
                self._before[key] = whole, whole.clone()

    @torch.no_grad()
    def undo(self) -> None:
        """Put back what the block wrote to outside of itself."""
        for whole, before in self._before.values():
            whole.copy_(before)

    @torch.no_grad()
    def replay(self) -> None:
        """Compute every operation again, each result where it was."""
        for func, args, kwargs, kept in self._calls:
            result = func(*args, **kwargs)
            inputs = {_storage(tensor) for tensor in _tensors((args, kwargs))}
            for new, place in zip(_tensors(result), _tensors(kept), strict=True):
                if _storage(place) not in inputs:
                    place.copy_(new)


def _storage(tensor: Tensor) -> int:
    return tensor.untyped_storage()._cdata


def _tensors(tree: Any) -> list[Tensor]:
    return [leaf for leaf in pytree.tree_leaves(tree) if isinstance(leaf, Tensor)]
