"""All inputs of a run on the device: frames, then computed arrays, as a network is called with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from merbench.inputs.prepared import PreparedInputs
from merbench.training.device.arrays import DeviceArray
from merbench.training.device.frames import DeviceFrames
from merbench.training.device.transfer import placed
from merbench.training.epoch_plan import Drawn
from merbench.training.numerics import Numerics

#: Of the free memory of a GPU, what inputs may take; the rest is for networks and what they compute: a choice.
_SHARE = 0.4


class DeviceInputs:
    """Frames as one normalised tensor a moment, then one tensor a computed array, in the order declared."""

    def __init__(self, prepared: PreparedInputs, numerics: Numerics, budget: int | None = None) -> None:
        self._device = numerics.torch_device
        frames, arrays = prepared.frames, prepared.arrays
        sizes = [array.values.nbytes for array in arrays] + ([] if frames is None else [frames.images.nbytes])
        held = resident(sizes, _budget(self._device) if budget is None else budget)
        self._frames = None if frames is None else DeviceFrames(frames, numerics, resident=held[-1])
        self._arrays = [DeviceArray(a, numerics, resident=kept) for a, kept in zip(arrays, held, strict=False)]
        #: Where positions of clips and frames must lie: on the host where any input stayed there.
        self.index_device = self._device if all(held) else torch.device("cpu")
        images = [] if self._frames is None else [self._frames.size]
        images += [array.size for array in self._arrays if array.size is not None]
        #: (height, width) of the first image: that for which augmentation is drawn; any if there is none.
        self.size = images[0] if images else (1, 1)

    def batches(self, drawn: Drawn) -> Iterator[tuple[tuple[Tensor, ...], Tensor]]:
        """What the network is called with in each step of an epoch, and the labels; all is sent once, at the start.

        Of several folds `(step fold clip)`, tensors are `(fold clip ...)`.
        """
        clips, picks = placed(drawn.clips, self.index_device), placed(drawn.picks, self.index_device)
        truth = placed(drawn.truth, self._device)
        affine = None if drawn.affine is None else placed(drawn.affine, self._device)
        shape = drawn.clips.shape[1:]
        for step in range(len(clips)):
            moved = None if affine is None else affine[step].reshape(-1, 2, 3)
            places = picks[step].reshape(clips[step].numel(), picks.shape[-1])
            views = self.training(clips[step].reshape(-1), places, moved)
            yield tuple(view if len(shape) == 1 else view.unflatten(0, shape) for view in views), truth[step]

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


def resident(sizes: Sequence[int], budget: int) -> list[bool]:
    """Which inputs of so many bytes lie on the device: the smallest first, as long as the budget lasts."""
    held = [False] * len(sizes)
    for place in sorted(range(len(sizes)), key=lambda place: sizes[place]):
        held[place] = sizes[place] <= budget
        budget -= sizes[place]
    return held


def _budget(device: torch.device) -> int:
    """Bytes; on the host inputs stay where they are mapped, so that there is nothing to count."""
    if device.type != "cuda":
        return 1 << 62
    free, _ = torch.cuda.mem_get_info(device)
    return int(free * _SHARE)
