"""Prepared frames on the device, as uint8, shared by all folds of a run."""

from __future__ import annotations

import numpy as np
import torch
from einops import rearrange
from torch import Tensor

from merbench.inputs.prepared import PreparedFrames
from merbench.training.augmentation import warp
from merbench.training.numerics import Numerics


class DeviceFrames:
    """All clips' frames on the device, handed out as normalised tensors, one a moment."""

    def __init__(self, prepared: PreparedFrames, numerics: Numerics) -> None:
        device = numerics.torch_device
        self.size = prepared.declaration.size
        self._images = torch.from_numpy(prepared.images).to(device)
        self._annotated = torch.from_numpy(prepared.annotated).to(device)
        self.counts = prepared.counts
        std = torch.tensor(prepared.declaration.std, dtype=torch.float64)
        mean = torch.tensor(prepared.declaration.mean, dtype=torch.float64)
        if prepared.declaration.grey:
            std, mean = std.mean(0, keepdim=True), mean.mean(0, keepdim=True)
        self._scale = (1 / (255 * std)).to(device, numerics.dtype)[:, None, None]
        self._offset = (mean / std).to(device, numerics.dtype)[:, None, None]
        self._moment = torch.arange(self._images.shape[1], device=device)

    def picks(self, clips: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """A frame of each moment's window, drawn evenly: `(... moment)` for clip positions `(...)`."""
        drawn: np.ndarray = generator.integers(0, self.counts[clips])
        return drawn

    def training(self, clips: Tensor, picks: Tensor, affine: Tensor | None) -> tuple[Tensor, ...]:
        """Frames of clips `(clip)` at drawn places `(clip moment)`: a tensor `(clip 3 height width)` a moment."""
        frames = self._normalised(clips, picks)
        return self._by_moment(frames if affine is None else warp(frames, affine))

    def held_out(self, clips: Tensor) -> tuple[Tensor, ...]:
        """The annotated frames of clips `(clip)`, nothing drawn: a tensor `(clip 3 height width)` a moment."""
        return self._by_moment(self._normalised(clips, self._annotated[clips]))

    def _normalised(self, clips: Tensor, places: Tensor) -> Tensor:
        frames = self._images[clips[:, None], self._moment[None], places]
        return frames.to(self._scale.dtype) * self._scale - self._offset

    @staticmethod
    def _by_moment(frames: Tensor) -> tuple[Tensor, ...]:
        moments = rearrange(frames, "clip moment rgb height width -> moment clip rgb height width")
        return tuple(moment.contiguous(memory_format=torch.channels_last) for moment in moments)
