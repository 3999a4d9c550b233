"""Computed inputs on the device, handed out as tensors that follow the augmentation of their clips."""

from __future__ import annotations

import torch
from torch import Tensor

from merbench.inputs.prepared import PreparedArray
from merbench.training.augmentation import turn_vectors, warp, with_aspect
from merbench.training.numerics import Numerics


class DeviceArray:
    """One computed input of all clips, as it was prepared, shared by all folds of a run."""

    def __init__(self, prepared: PreparedArray, numerics: Numerics) -> None:
        self.moves = prepared.declaration.moves
        self.size: tuple[int, int] | None = None
        if self.moves != "still":
            height, width = prepared.declaration.shape[-2:]
            self.size = (height, width)
        self._values = torch.from_numpy(prepared.values).to(numerics.torch_device)
        self._dtype = numerics.dtype

    def training(self, clips: Tensor, affine: Tensor | None, aspect: float) -> Tensor:
        """The arrays of clips `(clip)` under one map a clip, `(clip 2 3)`, drawn for images height / width = `aspect`.

        An image moves; of a field, the vectors turn with it. What comes from outside is 0: no grey, no motion.
        """
        values = self._values[clips].to(self._dtype)
        if affine is None or self.size is None:
            return _laid_out(values)
        height, width = self.size
        own = with_aspect(affine, aspect, height / width)
        planes = values.reshape(len(values), -1, *values.shape[-3:])  # clip time channel height width
        moved = warp(planes, own)
        if self.moves == "field":
            moved = turn_vectors(moved, own, height / width)
        return _laid_out(moved.reshape(values.shape))

    def held_out(self, clips: Tensor) -> Tensor:
        """The arrays of clips `(clip)` as they were prepared."""
        return _laid_out(self._values[clips].to(self._dtype))


def _laid_out(values: Tensor) -> Tensor:
    return values.contiguous(memory_format=torch.channels_last) if values.ndim == 4 else values.contiguous()
