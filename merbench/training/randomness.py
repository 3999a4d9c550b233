"""Randomness that is handed in: one stream for each seed, fold and purpose, whatever runs before or beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


def stream(seed: int, fold: str, purpose: str) -> np.random.SeedSequence:
    """The seed sequence of one purpose in one fold; order of folds, packing and resume do not change it."""
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
    """Dropout whose draws come from the generator that the engine hands in: one, or one for each fold of a stack."""

    generator: torch.Generator | None = None
    stack: tuple[torch.Generator, ...] = ()

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, features: Tensor) -> Tensor:
        """The features, in training with a share `rate` of them zero and the rest scaled up."""
        if not self.training or self.rate == 0:
            return features
        if self.stack:
            kept: Tensor = _KeptOfFolds.apply(features, self.shape(features), self.rate, self.stack)
            return features * kept
        return features * _kept(self.shape(features), features, self.rate, self.generator)

    @staticmethod
    def shape(features: Tensor) -> torch.Size:
        """The shape of what is drawn for features of one fold."""
        return features.shape


class DropPath(Dropout):
    """Stochastic depth (Huang et al., ECCV 2016): the whole branch of a clip is dropped, not single features."""

    @staticmethod
    def shape(features: Tensor) -> torch.Size:
        """A draw a clip, for features `(clip ...)`."""
        return torch.Size((features.shape[0], *(1 for _ in features.shape[1:])))


def hand_generator(network: nn.Module, device: torch.device, seed: int) -> None:
    """Give every `Dropout` and `DropPath` of a network one generator seeded by `seed`."""
    shared = torch.Generator(device).manual_seed(seed)
    for module in network.modules():
        if isinstance(module, Dropout):
            module.generator, module.stack = shared, ()


def hand_generators(network: nn.Module, device: torch.device, seeds: Sequence[int]) -> tuple[torch.Generator, ...]:
    """Give every `Dropout` and `DropPath` of a network that stands for several folds a generator for each of them."""
    shared = tuple(torch.Generator(device).manual_seed(seed) for seed in seeds)
    for module in network.modules():
        if isinstance(module, Dropout):
            module.stack = shared
    return shared


def _kept(shape: torch.Size, like: Tensor, rate: float, generator: torch.Generator | None) -> Tensor:
    draws = torch.rand(shape, generator=generator, device=like.device, dtype=torch.float32)
    return (draws >= rate).to(like.dtype) / (1 - rate)


class _KeptOfFolds(torch.autograd.Function):
    """What `vmap` over folds multiplies features by: for each fold, what its own generator draws for it alone."""

    @staticmethod
    def forward(features: Tensor, shape: torch.Size, rate: float, stack: Sequence[torch.Generator]) -> Tensor:
        raise RuntimeError("generators of several folds were handed in, but there is one fold")

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        """Nothing is kept: the draws have no gradient."""

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, ...]:
        return None, None, None, None

    @staticmethod
    def vmap(
        info: Any,
        in_dims: Any,
        features: Tensor,
        shape: torch.Size,
        rate: float,
        stack: Sequence[torch.Generator],
    ) -> tuple[Tensor, int]:
        """The draws `(fold ...)`."""
        return torch.stack([_kept(shape, features, rate, generator) for generator in stack]), 0
