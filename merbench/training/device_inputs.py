"""All inputs of a run on the device: frames, then computed arrays, as a network is called with them."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from merbench.inputs.prepared import PreparedInputs
from merbench.training.device_arrays import DeviceArray
from merbench.training.device_frames import DeviceFrames
from merbench.training.numerics import Numerics


class DeviceInputs:
    """Frames as one normalised tensor a moment, then one tensor a computed array, in the order declared."""

    def __init__(self, prepared: PreparedInputs, numerics: Numerics) -> None:
        self._frames = None if prepared.frames is None else DeviceFrames(prepared.frames, numerics)
        self._arrays = [DeviceArray(array, numerics) for array in prepared.arrays]
        images = [] if self._frames is None else [self._frames.size]
        images += [array.size for array in self._arrays if array.size is not None]
        #: (height, width) of the first image: that for which augmentation is drawn; any if there is none.
        self.size = images[0] if images else (1, 1)

    def picks(self, clips: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """A frame of each moment's window, drawn evenly: `(... moment)` for clip positions `(...)`."""
        if self._frames is None:
            return np.empty((*clips.shape, 0), dtype=np.int64)
        return self._frames.picks(clips, generator)

    def training(self, clips: Tensor, picks: Tensor, affine: Tensor | None) -> tuple[Tensor, ...]:
        """What the network is called with for clips `(clip)`, frames at drawn places `(clip moment)`, all augmented."""
        frames = () if self._frames is None else self._frames.training(clips, picks, affine)
        aspect = self.size[0] / self.size[1]
        return frames + tuple(array.training(clips, affine, aspect) for array in self._arrays)

    def held_out(self, clips: Tensor) -> tuple[Tensor, ...]:
        """What the network is called with for held-out clips `(clip)`: annotated frames, nothing drawn."""
        frames = () if self._frames is None else self._frames.held_out(clips)
        return frames + tuple(array.held_out(clips) for array in self._arrays)
