"""The leading part of a network that training does not change: what it gives of clips, and the rest of the network.

A network is any Python code, so nothing is read from its source. It is run on a few clips instead: what modules give
that neither depends on a trained parameter nor on the mode is fixed. A pass of the rest calls the network with blank
tensors, which have a shape and no values, and has the modules at the border give what was computed before. Values that
are lacking can therefore not go unnoticed: blank tensors make blank logits, or an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import torch
from torch import Tensor, nn

#: A call of a module in a forward pass: its name, and how many calls of it there were before.
Key = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a module, whose output has `shape` for each of the `pieces` that a clip consists of."""

    key: Key
    pieces: int
    shape: tuple[int, ...]
    dtype: torch.dtype
    channels_last: bool

    def blank(self, clips: int) -> Tensor:
        """A tensor of the output's shape for that many clips, without values."""
        return torch.empty((clips * self.pieces, *self.shape), dtype=self.dtype, device="meta")

    def by_clip(self, output: Tensor) -> Tensor:
        """The output as `(clip ...)`."""
        return output if self.pieces == 1 else output.unflatten(0, (-1, self.pieces))

    def output(self, by_clip: Tensor) -> Tensor:
        """The output of clips `(clip ...)` as the module gives it."""
        output = by_clip if self.pieces == 1 else by_clip.flatten(0, 1)
        return output.contiguous(memory_format=torch.channels_last) if self.channels_last else output

    @property
    def bytes(self) -> int:
        """The bytes of the output for a clip."""
        return self.blank(1).numel() * self.dtype.itemsize


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """The fixed part: calls at its border, whose outputs are `kept`, and those before, which can be `skipped`.

    `views` are the shapes of the network's inputs for a clip, and their types.
    """

    kept: tuple[Call, ...]
    skipped: tuple[Call, ...]
    views: tuple[tuple[tuple[int, ...], torch.dtype], ...]

    @property
    def bytes(self) -> int:
        """The bytes of a clip's features."""
        return sum(call.bytes for call in self.kept)

    @torch.no_grad()
    def features(self, network: nn.Module, views: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """What the fixed part gives of views `(clip ...)`: a tensor `(clip ...)` for each call that is kept."""
        wanted, outputs = {call.key for call in self.kept}, dict[Key, Tensor]()

        def take(key: Key, output: Tensor) -> None:
            if key in wanted:
                outputs[key] = output
                if len(outputs) == len(wanted):
                    raise _Complete
                outputs[key] = output.clone()  # operations in place may follow

        with suppress(_Complete), _watched(network, {name for name, _ in wanted}, take):
            network(*views)
        return tuple(call.by_clip(outputs[call.key]) for call in self.kept)

    def rest(self, network: nn.Module, run: Callable[..., Tensor] | None = None) -> Callable[..., Tensor]:
        """The forward pass of what is not fixed: logits of features `(clip ...)`. `run` calls the network."""

        def forward(*features: Tensor) -> Tensor:
            clips = len(features[0])
            given = dict(zip(self.kept, features, strict=True))
            outputs = {call.key: _given(call, values) for call, values in given.items()}
            outputs |= {call.key: _blank(call, clips) for call in self.skipped}
            blank = (torch.empty((clips, *shape), dtype=dtype, device="meta") for shape, dtype in self.views)
            with _replaced(network, outputs):
                logits: Tensor = (run or network)(*blank)
            return logits

        return forward


class _Complete(Exception):
    """Raised in a forward pass to end it, since all that is needed of it is there."""


def _given(call: Call, values: Tensor) -> Callable[[], Tensor]:
    return lambda: call.output(values)


def _blank(call: Call, clips: int) -> Callable[[], Tensor]:
    return lambda: call.blank(clips)


@contextmanager
def _replaced(network: nn.Module, outputs: Mapping[Key, Callable[[], Tensor]]) -> Iterator[None]:
    """A block in which calls of modules give outputs made before, and compute nothing."""
    names = {name for name, _ in outputs}
    modules = [(name, module) for name, module in network.named_modules() if name in names]
    for name, module in modules:
        module.forward = _Forward(name, module.forward, outputs)
    try:
        yield
    finally:
        for _, module in modules:
            del module.forward  # the method of its class is seen again


class _Forward:
    """A module's forward pass, in some of its calls replaced."""

    def __init__(self, name: str, own: Callable[..., Tensor], outputs: Mapping[Key, Callable[[], Tensor]]) -> None:
        self._name, self._own, self._outputs, self._calls = name, own, outputs, 0

    def __call__(self, *args: object, **kwargs: object) -> Tensor:
        key = (self._name, self._calls)
        self._calls += 1
        return self._outputs[key]() if key in self._outputs else self._own(*args, **kwargs)


@contextmanager
def _watched(network: nn.Module, names: set[str], on_output: Callable[[Key, Tensor], None]) -> Iterator[None]:
    """A block in which the outputs of some modules are handed over as they come."""
    calls = Counter[str]()

    def hook(name: str) -> Callable[[nn.Module, object, Tensor], None]:
        def handed(module: nn.Module, args: object, output: Tensor) -> None:
            calls[name] += 1
            on_output((name, calls[name] - 1), output)

        return handed

    handles = [each.register_forward_hook(hook(name)) for name, each in network.named_modules() if name in names]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
