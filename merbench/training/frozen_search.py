"""Finds the part of a network that training does not change, by running it on a few clips."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from merbench.training.frozen_prefix import Call, Key, Prefix
from merbench.training.numerics import Numerics
from merbench.training.probabilities import autocast_of
from merbench.training.randomness import GLOBAL_RNG, seeded, set_generator

#: What a network that is called with blank tensors may raise: any of these means that it needs their values.
_NEEDS_VALUES = (RuntimeError, NotImplementedError, TypeError, ValueError, AttributeError, KeyError, IndexError)


@dataclass(frozen=True, slots=True)
class Search:
    """A network that may be used up, a few clips that it is run on, and how its mode is set."""

    network: nn.Module
    views: tuple[Tensor, ...]
    to_training: Callable[[nn.Module], None]
    numerics: Numerics

    def prefix(self) -> Prefix | None:
        """The largest fixed part; None if there is none, or the network cannot be run without it."""
        calls = self._fixed()
        if not calls:
            return None
        last = self._made(calls[-1:], calls[:-1])
        if self._works(last):
            return last
        kept = list(calls)
        for call in calls:
            fewer = [each for each in kept if each is not call]
            if fewer and self._works(self._made(fewer, [each for each in calls if each not in fewer])):
                kept = fewer
        made = self._made(kept, [each for each in calls if each not in kept])
        return made if self._works(made) else None

    def holds(self, prefix: Prefix, features: tuple[Tensor, ...]) -> bool:
        """Whether logits by way of `features` of these clips are the network's own, in training and when tested.

        Neither may what the fixed part gives depend on trained parameters in a way that has no gradient.
        """
        for train in (True, False):
            own, other = self._run(self.network, self.views, train), self._run_rest(prefix, features, train)
            if not _close(own, other, self.numerics):
                return False
        return self._independent(prefix)

    def features(self, prefix: Prefix, views: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """What the fixed part gives of views."""
        self.network.eval()
        with autocast_of(self.numerics):
            return prefix.features(self.network, views)

    def _independent(self, prefix: Prefix) -> bool:
        before = self.features(prefix, self.views)
        trained = [each for each in self.network.parameters() if each.requires_grad]
        values = [each.detach().clone() for each in trained]
        with torch.no_grad():
            for parameter in trained:
                parameter.mul_(1.5).add_(0.25)
            after = self.features(prefix, self.views)
            for parameter, value in zip(trained, values, strict=True):
                parameter.copy_(value)
        return all(map(torch.equal, before, after))

    def _fixed(self) -> list[Call]:
        """The outermost calls whose outputs are fixed, in the order in which they end."""
        seen, tested = self._seen(train=True), self._seen(train=False)
        fixed = {
            key: each
            for key, each in seen.items()
            if key in tested and each.fixed and tested[key].fixed and _equal(each.output, tested[key].output)
        }
        clips = len(self.views[0])
        outer = [each for each in fixed.values() if not any(key in fixed for key in each.within)]
        return [each.call(clips) for each in outer if each.output.ndim and len(each.output) % clips == 0]

    def _seen(self, *, train: bool) -> dict[Key, _Seen]:
        seen, within, calls = dict[Key, _Seen](), list[Key](), Counter[str]()

        def before(name: str) -> Callable[[nn.Module, object], None]:
            def hook(module: nn.Module, args: object) -> None:
                within.append((name, calls[name]))
                calls[name] += 1

            return hook

        def after(module: nn.Module, args: object, output: object) -> None:
            key = within.pop()
            if isinstance(output, Tensor):
                still = not output.requires_grad and not any(each.requires_grad for each in module.parameters())
                copied = output.detach().clone()  # operations in place may follow
                seen[key] = _Seen(key, copied, still, tuple(within))

        with ExitStack() as hooks:
            for name, module in self.network.named_modules():
                if name:
                    hooks.callback(module.register_forward_pre_hook(before(name)).remove)
                    hooks.callback(module.register_forward_hook(after).remove)
            self._run(self.network, self.views, train)
        return seen

    def _made(self, kept: Sequence[Call], skipped: Sequence[Call]) -> Prefix:
        shapes = tuple((tuple(view.shape[1:]), view.dtype) for view in self.views)
        return Prefix(kept=tuple(kept), skipped=tuple(skipped), views=shapes)

    def _works(self, prefix: Prefix) -> bool:
        """Whether the rest of the network needs nothing but what is kept."""
        features = self.features(prefix, self.views)
        try:
            return all(not self._run_rest(prefix, features, train).is_meta for train in (True, False))
        except _NEEDS_VALUES:
            return False

    def _run_rest(self, prefix: Prefix, features: tuple[Tensor, ...], train: bool) -> Tensor:
        own = tuple(each.clone() for each in features)  # what follows may work in place
        return self._run(prefix.rest(self.network), own, train)

    def _run(self, forward: Callable[..., Tensor], views: Sequence[Tensor], train: bool) -> Tensor:
        device = self.numerics.torch_device
        self.to_training(self.network) if train else self.network.eval()
        set_generator(self.network, device, 0)
        with GLOBAL_RNG, seeded(0, device), autocast_of(self.numerics), nullcontext() if train else torch.no_grad():
            return forward(*views)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The output of a call, whether no trained parameter led to it, and the calls that it is within."""

    key: Key
    output: Tensor
    fixed: bool
    within: tuple[Key, ...]

    def call(self, clips: int) -> Call:
        return Call(
            key=self.key,
            pieces=len(self.output) // clips,
            shape=tuple(self.output.shape[1:]),
            dtype=self.output.dtype,
            channels_last=self.output.ndim == 4
            and not self.output.is_contiguous()
            and self.output.is_contiguous(memory_format=torch.channels_last),
        )


def _equal(one: Tensor, other: Tensor) -> bool:
    return one.dtype == other.dtype and torch.equal(one, other)


def _close(own: Tensor, other: Tensor, numerics: Numerics) -> bool:
    tolerance = 0.1 if numerics.autocast else 1e-3 if numerics.dtype == torch.float32 else 1e-8
    return own.shape == other.shape and torch.allclose(
        own.to(numerics.dtype), other.to(numerics.dtype), rtol=tolerance, atol=tolerance
    )
