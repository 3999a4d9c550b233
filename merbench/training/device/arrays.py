"""Computed inputs on the device, handed out as tensors that follow the augmentation of their clips."""

from __future__ import annotations

import torch
from torch import Tensor

from merbench.errors import UsageError
from merbench.inputs.base import ArrayInput
from merbench.inputs.landmarks import Landmarks
from merbench.inputs.prepared import PreparedArray
from merbench.training.augmentation import move_points, turn_vectors, warp, with_aspect
from merbench.training.device.transfer import tensor_to
from merbench.training.numerics import Numerics


class DeviceArray:
    """One computed input of all clips, as it was prepared, shared by all folds of a run.

    What is not `resident` stays memory-mapped on the host, and is gathered step by step.
    """

    def __init__(self, prepared: PreparedArray, numerics: Numerics, *, resident: bool = True) -> None:
        self.name, self.augment_as = prepared.declaration.name, prepared.declaration.augment_as
        self.size = _size(prepared.declaration)
        self._device, self._shipped = numerics.torch_device, not resident
        self._values = torch.from_numpy(prepared.values).to(self._device if resident else "cpu")
        self._dtype = numerics.dtype

    def training(self, clips: Tensor, affine: Tensor | None, aspect: float, nearest: bool = False) -> Tensor:
        """The arrays of clips `(clip)` under one map a clip, `(clip 2 3)`, drawn for images height / width = `aspect`.

        `ArrayInput` says what moves. Values from outside the image are 0: black, or no motion.
        """
        if affine is not None and self.augment_as == "refused":
            raise UsageError(
                f"{self.name}: its channels are stretched one by one, so it cannot be flipped, rotated or shifted; "
                "add --set flip=0 --set rotation=0 --set pad=0, or --set scale=none."
            )
        values = self._ready(clips)
        if affine is None or self.size is None:
            return values
        height, width = self.size
        own = with_aspect(affine, aspect, height / width).to(values.dtype)
        if self.augment_as == "points":
            return move_points(values, own, self.size)
        planes = values.reshape(len(values), -1, *values.shape[-3:])  # clip time channel height width
        moved = warp(planes, own, nearest)
        if self.augment_as == "field":
            moved = turn_vectors(moved, own, height / width)
        return moved.reshape(values.shape)

    def held_out(self, clips: Tensor) -> Tensor:
        """The arrays of clips `(clip)` as they were prepared."""
        return self._ready(clips)

    def _ready(self, clips: Tensor) -> Tensor:
        values = self._values[clips.to(self._values.device)]
        if self._shipped:
            values = tensor_to(values, self._device)
        values = values.to(self._dtype)
        return values / 255 if self.augment_as == "image" else values


def _size(declared: ArrayInput) -> tuple[int, int] | None:
    if declared.augment_as == "fixed":
        return None
    height, width = declared.size if isinstance(declared, Landmarks) else declared.shape[-2:]
    return height, width
