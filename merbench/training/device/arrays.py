"""Computed inputs on the device, handed out as tensors that follow the augmentation of their clips."""

from __future__ import annotations

import torch
from torch import Tensor

from merbench.inputs.base import ArrayInput
from merbench.inputs.landmarks import Landmarks
from merbench.inputs.prepared import PreparedArray
from merbench.training.augmentation import move_points, turn_vectors, warp, with_aspect
from merbench.training.device.transfer import shipped
from merbench.training.numerics import Numerics


class DeviceArray:
    """One computed input of all clips, as it was prepared, shared by all folds of a run.

    What is not `resident` stays memory-mapped on the host, and is gathered step by step.
    """

    def __init__(self, prepared: PreparedArray, numerics: Numerics, *, resident: bool = True) -> None:
        self.moves = prepared.declaration.moves
        self.size = _size(prepared.declaration)
        self._device = numerics.torch_device
        self._values = torch.from_numpy(prepared.values).to(self._device if resident else "cpu")
        self._dtype = numerics.dtype

    def training(self, clips: Tensor, affine: Tensor | None, aspect: float) -> Tensor:
        """The arrays of clips `(clip)` under one map a clip, `(clip 2 3)`, drawn for images height / width = `aspect`.

        What moves is said in `ArrayInput`. What comes from outside is 0: black, or no motion.
        """
        values = self._ready(clips)
        if affine is None or self.size is None:
            return _laid_out(values)
        height, width = self.size
        own = with_aspect(affine, aspect, height / width).to(values.dtype)
        if self.moves == "points":
            return move_points(values, own, self.size)
        planes = values.reshape(len(values), -1, *values.shape[-3:])  # clip time channel height width
        moved = warp(planes, own)
        if self.moves == "field":
            moved = turn_vectors(moved, own, height / width)
        return _laid_out(moved.reshape(values.shape))

    def held_out(self, clips: Tensor) -> Tensor:
        """The arrays of clips `(clip)` as they were prepared."""
        return _laid_out(self._ready(clips))

    def _ready(self, clips: Tensor) -> Tensor:
        values = self._values[clips.to(self._values.device)]
        if values.device != self._device:
            values = shipped(values, self._device)
        values = values.to(self._dtype)
        return values / 255 if self.moves == "image" else values


def _size(declared: ArrayInput) -> tuple[int, int] | None:
    if declared.moves == "still":
        return None
    height, width = declared.size if isinstance(declared, Landmarks) else declared.shape[-2:]
    return height, width


def _laid_out(values: Tensor) -> Tensor:
    return values.contiguous(memory_format=torch.channels_last) if values.ndim == 4 else values.contiguous()
