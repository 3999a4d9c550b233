"""Masks of dropout on a GPU, drawn for several steps at once: every draw is a launch for each fold."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

#: Steps whose masks are drawn at once: chosen here; of the 204 draws a step of 68 folds with three layers, 13 are left.
_STEPS = 16
#: Values of one fold that are drawn at once at most: chosen here, 16 MiB in float32.
_MOST = 2**22


def steps_ahead(shape: Sequence[int]) -> int:
    """The number of steps whose masks of one fold are drawn at once."""
    return max(1, min(_STEPS, _MOST // max(math.prod(shape), 1)))


class MasksAhead:
    """The masks `(fold ...)` of one layer, each fold's drawn by its own generator, whatever folds are trained with it.

    Once `hold` was called, `take` reads the mask of the step from a fixed place, as a captured step must, and `advance`
    goes on to the next one.
    """

    def __init__(self, generators: Sequence[torch.Generator], shape: Sequence[int], rate: float, like: Tensor) -> None:
        self._generators, self._rate = generators, rate
        self._shape = (len(generators), steps_ahead(shape), *shape)
        self._dtype, self._device = like.dtype, like.device
        self._rows = self._drawn()
        self._used = -1
        self._cursor: Tensor | None = None
        #: How often masks were taken.
        self.taken = 0

    def take(self) -> Tensor:
        """The masks of the next call."""
        self.taken += 1
        if self._cursor is None:
            self.advance()
            return self._rows[:, self._used]
        return self._rows.index_select(1, self._cursor)[:, 0]

    def hold(self) -> None:
        """Keep to one place in memory from now on."""
        self._cursor = torch.zeros(1, dtype=torch.int64, device=self._device)

    def advance(self) -> None:
        """Go on to the masks of the next step, which are drawn where none is left."""
        self._used += 1
        if self._used == self._shape[1]:
            drawn = self._drawn()
            # what is held is overwritten; else the step may still need the masks of an earlier call
            self._rows = drawn if self._cursor is None else self._rows.copy_(drawn)
            self._used = 0
        if self._cursor is not None:
            self._cursor.fill_(self._used)

    def _drawn(self) -> Tensor:
        draws = torch.empty(self._shape, device=self._device, dtype=torch.float32)
        for own, generator in zip(draws.unbind(), self._generators, strict=True):
            own.uniform_(generator=generator)
        masks = torch.empty(self._shape, device=self._device, dtype=self._dtype)
        return torch.ge(draws, self._rate, out=masks).div_(1 - self._rate)
