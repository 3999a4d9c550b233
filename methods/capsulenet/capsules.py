"""Capsules: squashing, routing by agreement, and the two layers (Sabour, Frosst, Hinton, NIPS 2017)."""

from __future__ import annotations

import torch
from einops import rearrange
from torch import Tensor, nn

#: Values in a primary capsule and in a class capsule (Sabour et al., section 4).
PRIMARY, POSE = 8, 16


def squash(vectors: Tensor) -> Tensor:
    """The vectors `(... pose)`, of length l before and l² / (1 + l²) after (eq. 1)."""
    length = torch.linalg.vector_norm(vectors, dim=-1, keepdim=True)
    # the equation's division by the length is carried out, so that nought stays nought and has a gradient
    squashed: Tensor = vectors * (length / (1 + length.square()))
    return squashed


def route(votes: Tensor, rounds: int) -> Tensor:
    """Class capsules `(clip class pose)` of the votes `(clip capsule class pose)` (procedure 1).

    Each capsule shares its vote out among the classes, more to those where it agrees with the rest. Gradients pass
    through the last round only: agreement is measured on detached votes (release).
    """
    fixed = votes.detach()
    agreement = torch.zeros_like(fixed[..., 0])
    for _ in range(rounds - 1):
        agreement = agreement + torch.einsum("nckp,nkp->nck", fixed, _combined(fixed, agreement))
    return _combined(votes, agreement)


def _combined(votes: Tensor, agreement: Tensor) -> Tensor:
    return squash(torch.einsum("nck,nckp->nkp", agreement.softmax(2), votes))


class PrimaryCapsules(nn.Module):
    """A convolution in steps of two, whose channels are read as capsules of eight values and squashed."""

    def __init__(self, width: int, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, kernel, stride=2)

    def forward(self, features: Tensor) -> Tensor:
        """Capsules `(clip capsule 8)` of features `(clip width y x)`."""
        return squash(rearrange(self.conv(features), "clip (kind pose) y x -> clip (kind y x) pose", pose=PRIMARY))


class ClassCapsules(nn.Module):
    """A capsule a class: each primary capsule votes through a matrix of its own, and votes are routed."""

    def __init__(self, capsules: int, classes: int, rounds: int, spread: float = 0.01) -> None:
        super().__init__()
        self.rounds = rounds
        self.matrices = nn.Parameter(torch.randn(capsules, classes, POSE, PRIMARY) * spread)

    def forward(self, capsules: Tensor) -> Tensor:
        """`(clip class 16)` of primary capsules `(clip capsule 8)`."""
        return route(torch.einsum("ckpq,ncq->nckp", self.matrices, capsules), self.rounds)
