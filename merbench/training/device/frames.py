"""Prepared frames on the device, as uint8, shared by all folds of a run."""

from __future__ import annotations

import numpy as np
import torch
from einops import rearrange
from torch import Tensor

from merbench.inputs.prepared import PreparedFrames
from merbench.training.augmentation import warp
from merbench.training.colour import jitter
from merbench.training.device.transfer import tensor_to
from merbench.training.numerics import Numerics


class DeviceFrames:
    """All clips' frames on the device, handed out as normalised tensors, one a moment.

    Frames that are not `resident` stay memory-mapped on the host, and are gathered step by step.
    """

    def __init__(self, prepared: PreparedFrames, numerics: Numerics, *, resident: bool = True) -> None:
        self._device = device = numerics.torch_device
        self._shipped = not resident
        home = device if resident else torch.device("cpu")
        self.size = prepared.declaration.size
        self._images = torch.from_numpy(prepared.images).to(home)
        self._annotated = torch.from_numpy(prepared.annotated).to(home)
        self.counts = prepared.counts
        std = torch.tensor(prepared.declaration.std, dtype=torch.float64)
        mean = torch.tensor(prepared.declaration.mean, dtype=torch.float64)
        if prepared.declaration.grey:
            std, mean = std.mean(0, keepdim=True), mean.mean(0, keepdim=True)
        self._scale = (1 / (255 * std)).to(device, numerics.dtype)[:, None, None]
        self._offset = (mean / std).to(device, numerics.dtype)[:, None, None]
        self._moment = torch.arange(self._images.shape[1], device=home)

    def picks(self, clips: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """A frame of each moment's window, drawn evenly: `(... moment)` for clip positions `(...)`."""
        picks: np.ndarray = generator.integers(0, self.counts[clips])
        return picks

    def training(
        self,
        clips: Tensor,
        picks: Tensor,
        affine: Tensor | None,
        *,
        colour: Tensor | None = None,
        nearest: bool = False,
    ) -> tuple[Tensor, ...]:
        """Frames of clips `(clip)` at the places `(clip moment)`: a tensor `(clip 3 height width)` a moment.

        They are moved by `affine` `(clip 2 3)` first, then their colours are changed by `colour` `(clip 8)`.
        """
        frames = self._normalised(clips, picks)
        if affine is not None:
            frames = warp(frames, affine, nearest)
        if colour is not None:
            share = 1 / 255 / self._scale
            frames = (jitter((frames + self._offset) * share, colour) / share) - self._offset
        return self._by_moment(frames)

    def held_out(self, clips: Tensor) -> tuple[Tensor, ...]:
        """The annotated frames of clips `(clip)`, nothing random: a tensor `(clip 3 height width)` a moment."""
        return self._by_moment(self._normalised(clips, self._annotated[clips.to(self._images.device)]))

    def _normalised(self, clips: Tensor, places: Tensor) -> Tensor:
        clips, places = clips.to(self._images.device), places.to(self._images.device)
        frames = self._images[clips[:, None], self._moment[None], places]
        if self._shipped:
            frames = tensor_to(frames, self._device)
        return frames.to(self._scale.dtype) * self._scale - self._offset

    @staticmethod
    def _by_moment(frames: Tensor) -> tuple[Tensor, ...]:
        return tuple(rearrange(frames, "clip moment rgb height width -> moment clip rgb height width"))
