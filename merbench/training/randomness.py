"""Randomness that is handed in: one stream for each seed, fold and purpose, whatever runs before or beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

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
    """Dropout whose draws come from the generator that the engine hands in."""

    generator: torch.Generator | None = None

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, features: Tensor) -> Tensor:
        """The features, in training with a share `rate` of them zero and the rest scaled up."""
        if not self.training or self.rate == 0:
            return features
        return features * _kept(features.shape, features, self.rate, self.generator)


class DropPath(Dropout):
    """Stochastic depth (Huang et al., ECCV 2016): the whole branch of a clip is dropped, not single features."""

    def forward(self, features: Tensor) -> Tensor:
        """The features `(clip ...)`, in training zero for a share `rate` of the clips and the rest scaled up."""
        if not self.training or self.rate == 0:
            return features
        shape = torch.Size((features.shape[0], *(1 for _ in features.shape[1:])))
        return features * _kept(shape, features, self.rate, self.generator)


def hand_generator(network: nn.Module, device: torch.device, seed: int) -> None:
    """Give every `Dropout` and `DropPath` of a network one generator seeded by `seed`."""
    shared = torch.Generator(device).manual_seed(seed)
    for module in network.modules():
        if isinstance(module, Dropout):
            module.generator = shared


def _kept(shape: torch.Size, like: Tensor, rate: float, generator: torch.Generator | None) -> Tensor:
    draws = torch.rand(shape, generator=generator, device=like.device, dtype=torch.float32)
    return (draws >= rate).to(like.dtype) / (1 - rate)
