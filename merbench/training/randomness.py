"""Random streams: one for each seed, fold and purpose, whatever else runs before or at the same time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from merbench.training.masks import MasksAhead

#: Held while torch's global generators, which initial weights are drawn from, serve one fold of several threads.
GLOBAL_RNG = Lock()


def stream(seed: int, fold: str, purpose: str) -> np.random.SeedSequence:
    """The seed sequence of one purpose in one fold; order of folds, parallel folds and resuming do not change it."""
    digest = hashlib.sha256(f"{fold}\0{purpose}".encode()).digest()
    return np.random.SeedSequence(seed, spawn_key=tuple(np.frombuffer(digest, dtype=np.uint32).tolist()))


def generator(seed: int, fold: str, purpose: str) -> np.random.Generator:
    """A NumPy generator on the stream of one purpose in one fold."""
    return np.random.default_rng(stream(seed, fold, purpose))


def torch_seed(seed: int, fold: str, purpose: str) -> int:
    """A 63-bit seed for torch from the stream of one purpose in one fold."""
    return int(stream(seed, fold, purpose).generate_state(1, np.uint64)[0] >> 1)


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """A block in which torch's global generators start from `seed`; they are put back afterwards."""
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would reseed every other GPU, too
        if devices:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        yield


class Dropout(nn.Module):
    """Dropout that draws from the generator which the engine sets: one, or one for each of several vmapped folds.

    On a GPU it draws the masks of several steps at once.
    """

    generator: torch.Generator | None = None
    stack: tuple[torch.Generator, ...] = ()
    #: Masks by shape and type, where they are drawn ahead.
    masks: dict[tuple[tuple[int, ...], torch.dtype], MasksAhead] | None = None

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, features: Tensor) -> Tensor:
        """The features, in training with a share `rate` of them zero and the rest scaled up."""
        if not self.training or self.rate == 0:
            return features
        if self.stack:
            mask: Tensor = _MaskOfFolds.apply(features, self.shape(features), self)
            return features * mask
        if self.masks is not None and self.generator is not None:
            return features * self.ahead(self.shape(features), features, (self.generator,))[0]
        return features * _mask(self.shape(features), features, self.rate, self.generator)

    def ahead(self, shape: Sequence[int], like: Tensor, generators: Sequence[torch.Generator]) -> Tensor:
        """The masks `(fold ...)` of this call, out of those that were drawn ahead."""
        assert self.masks is not None
        key = (tuple(shape), like.dtype)
        if key not in self.masks:
            self.masks[key] = MasksAhead(generators, shape, self.rate, like)
        return self.masks[key].take()

    @staticmethod
    def shape(features: Tensor) -> torch.Size:
        """The shape of the mask for features of one fold."""
        return features.shape


class Dropout2d(Dropout):
    """Dropout of whole maps (Tompson et al., CVPR 2015), for features `(clip map height width)`."""

    @staticmethod
    def shape(features: Tensor) -> torch.Size:
        """A draw for each map of each clip."""
        return torch.Size((*features.shape[:2], *(1 for _ in features.shape[2:])))


class DropPath(Dropout):
    """Stochastic depth (Huang et al., ECCV 2016): the whole branch of a clip is dropped, not single features."""

    @staticmethod
    def shape(features: Tensor) -> torch.Size:
        """A draw a clip, for features `(clip ...)`."""
        return torch.Size((features.shape[0], *(1 for _ in features.shape[1:])))


def set_generator(network: nn.Module, device: torch.device, seed: int) -> None:
    """Give every `Dropout` and `DropPath` of a network one generator seeded by `seed`."""
    shared = torch.Generator(device).manual_seed(seed)
    for module in dropouts(network):
        module.generator, module.stack = shared, ()
    draw_ahead(network, device.type == "cuda")


def set_generators(network: nn.Module, device: torch.device, seeds: Sequence[int]) -> tuple[torch.Generator, ...]:
    """Give every `Dropout` and `DropPath` of a network that serves several folds a generator for each of them."""
    shared = tuple(torch.Generator(device).manual_seed(seed) for seed in seeds)
    for module in dropouts(network):
        module.stack = shared
    draw_ahead(network, device.type == "cuda")
    return shared


def draw_ahead(network: nn.Module, ahead: bool) -> None:
    """Have a network draw the masks of several steps at once, or each when it is needed; what was drawn is dropped."""
    for module in dropouts(network):
        module.masks = {} if ahead else None


def dropouts(network: nn.Module) -> Iterator[Dropout]:
    """The layers of a network that draw from the engine's generators."""
    return (module for module in network.modules() if isinstance(module, Dropout))


def _mask(shape: torch.Size, like: Tensor, rate: float, generator: torch.Generator | None) -> Tensor:
    draws = torch.rand(shape, generator=generator, device=like.device, dtype=torch.float32)
    return (draws >= rate).to(like.dtype) / (1 - rate)


class _MaskOfFolds(torch.autograd.Function):
    """The mask that `vmap` over folds multiplies features by: for each fold, as its own generator draws it."""

    @staticmethod
    def forward(features: Tensor, shape: torch.Size, layer: Dropout) -> Tensor:
        raise RuntimeError("generators of several folds were set, but there is one fold")

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        """Saves nothing: the mask has no gradient."""

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, ...]:
        return None, None, None

    @staticmethod
    def vmap(info: Any, in_dims: Any, features: Tensor, shape: torch.Size, layer: Dropout) -> tuple[Tensor, int]:
        """The masks `(fold ...)`, drawn into one tensor: the same bits as each fold draws by itself."""
        if layer.masks is not None:
            return layer.ahead(shape, features, layer.stack), 0
        draws = torch.empty((len(layer.stack), *shape), device=features.device, dtype=torch.float32)
        for own, generator in zip(draws.unbind(), layer.stack, strict=True):
            own.uniform_(generator=generator)
        return (draws >= layer.rate).to(features.dtype) / (1 - layer.rate), 0
