"""All inputs of a run on the device: frames, then computed arrays, as a network is called with them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from merbench.inputs.prepared import PreparedInputs
from merbench.training.device.arrays import DeviceArray
from merbench.training.device.frames import DeviceFrames
from merbench.training.device.transfer import array_to
from merbench.training.epoch_plan import EpochPlan
from merbench.training.latest import Latest
from merbench.training.numerics import Numerics

if TYPE_CHECKING:
    from merbench.training.frozen_features import Shared

#: Of the free memory of a GPU, what inputs may take: chosen here; the rest is for networks and what they compute.
_SHARE = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """The random draws of one step on the device: see `EpochPlan`; only labels are `(fold clip)` for several folds."""

    clips: Tensor
    truth: Tensor
    picks: Tensor
    affine: Tensor | None
    colour: Tensor | None
    nearest: bool

    @property
    def tensors(self) -> list[Tensor]:
        """Its tensors, always in the same order."""
        each = (self.clips, self.truth, self.picks, self.affine, self.colour)
        return [tensor for tensor in each if tensor is not None]

    def copied(self) -> StepPlan:
        """A copy in memory of its own."""
        return StepPlan(
            clips=self.clips.clone(),
            truth=self.truth.clone(),
            picks=self.picks.clone(),
            affine=None if self.affine is None else self.affine.clone(),
            colour=None if self.colour is None else self.colour.clone(),
            nearest=self.nearest,
        )


class DeviceInputs:
    """Frames as one normalised tensor a moment, then one tensor a computed array, in the order declared."""

    def __init__(self, prepared: PreparedInputs, numerics: Numerics, budget: int | None = None) -> None:
        self._device, self._channels_last = numerics.torch_device, numerics.channels_last is not False
        frames, arrays = prepared.frames, prepared.arrays
        sizes = [array.values.nbytes for array in arrays] + ([] if frames is None else [frames.images.nbytes])
        on_device = resident(sizes, _budget(self._device) if budget is None else budget)
        self._frames = None if frames is None else DeviceFrames(frames, numerics, resident=on_device[-1])
        self._arrays = [DeviceArray(a, numerics, resident=here) for a, here in zip(arrays, on_device, strict=False)]
        #: Where positions of clips and frames must be: on the host if any input stayed there.
        self.index_device = self._device if all(on_device) else torch.device("cpu")
        images = [] if self._frames is None else [self._frames.size]
        images += [array.size for array in self._arrays if array.size is not None]
        #: How many rows there are, and whether training draws which frames stand for their moments.
        self.rows = prepared.rows
        self.has_windows = frames is not None and bool((frames.counts > 1).any())
        #: What fixed parts of networks give of these inputs: see `merbench.training.frozen_features`.
        self.shared: Latest[Shared] = Latest()
        #: (height, width) of the first image: augmentation is drawn for it; arbitrary if there is none.
        self.size = images[0] if images else (1, 1)

    def laid_out(self, numerics: Numerics) -> DeviceInputs:
        """These inputs, handed out in the memory format that the numerics say; what is on the device is shared."""
        inputs = copy.copy(self)
        inputs._channels_last = numerics.channels_last is not False
        return inputs

    def batches(self, plan: EpochPlan) -> Iterator[tuple[tuple[Tensor, ...], Tensor]]:
        """The inputs of the network in each step of an epoch, and the labels; the plan is sent once, at the start.

        Of several folds `(step fold clip)`, tensors are `(fold clip ...)`.
        """
        for step in self.steps(plan):
            views = self.views(step)
            folds = step.truth.shape[: plan.clips.ndim - 1]
            yield tuple(view if len(folds) == 1 else view.unflatten(0, folds) for view in views), step.truth

    def steps(self, plan: EpochPlan) -> Iterator[StepPlan]:
        """The steps of an epoch on the device; the plan is sent once, at the start."""
        clips, picks = array_to(plan.clips, self.index_device), array_to(plan.picks, self.index_device)
        truth = array_to(plan.truth, self._device)
        affine = None if plan.affine is None else array_to(plan.affine, self._device)
        colour = None if plan.colour is None else array_to(plan.colour, self._device)
        size = plan.clips.shape[-1]
        for step in range(len(clips)):
            used = plan.last or size if step == len(clips) - 1 else size
            chosen = clips[step][..., :used].reshape(-1)
            yield StepPlan(
                clips=chosen,
                truth=truth[step].narrow(plan.clips.ndim - 2, 0, used),
                picks=picks[step][..., :used, :].reshape(len(chosen), picks.shape[-1]),
                affine=None if affine is None else affine[step][..., :used, :, :].reshape(-1, 2, 3),
                colour=None if colour is None else colour[step][..., :used, :].reshape(-1, colour.shape[-1]),
                nearest=plan.nearest,
            )

    def views(self, step: StepPlan) -> tuple[Tensor, ...]:
        """The augmented inputs of the network in a step, `(clip ...)`; the clips of several folds follow each other."""
        return self.training(step.clips, step.picks, step.affine, colour=step.colour, nearest=step.nearest)

    def picks(self, clips: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """A frame of each moment's window, drawn evenly: `(... moment)` for clip positions `(...)`."""
        if self._frames is None:
            return np.empty((*clips.shape, 0), dtype=np.int64)
        return self._frames.picks(clips, generator)

    def training(
        self,
        clips: Tensor,
        picks: Tensor,
        affine: Tensor | None,
        *,
        colour: Tensor | None = None,
        nearest: bool = False,
    ) -> tuple[Tensor, ...]:
        """The augmented inputs of the network for clips `(clip)`, frames at the places `(clip moment)`."""
        frames: tuple[Tensor, ...] = ()
        if self._frames is not None:
            frames = self._frames.training(clips, picks, affine, colour=colour, nearest=nearest)
        aspect = self.size[0] / self.size[1]
        return self._in_format(frames + tuple(array.training(clips, affine, aspect, nearest) for array in self._arrays))

    def held_out(self, clips: Tensor) -> tuple[Tensor, ...]:
        """What the network is called with for held-out clips `(clip)`: annotated frames, nothing plan."""
        frames = () if self._frames is None else self._frames.held_out(clips)
        return self._in_format(frames + tuple(array.held_out(clips) for array in self._arrays))

    def _in_format(self, views: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        images = torch.channels_last if self._channels_last else torch.contiguous_format
        return tuple(
            view.contiguous(memory_format=images if view.ndim == 4 else torch.contiguous_format) for view in views
        )


def resident(sizes: Sequence[int], budget: int) -> list[bool]:
    """Which inputs of so many bytes are kept on the device: the smallest first, as long as the budget lasts."""
    on_device = [False] * len(sizes)
    for place in sorted(range(len(sizes)), key=lambda place: sizes[place]):
        on_device[place] = sizes[place] <= budget
        budget -= sizes[place]
    return on_device


def _budget(device: torch.device) -> int:
    """Bytes; on the host inputs stay where they are mapped, so there is nothing to count."""
    if device.type != "cuda":
        return 1 << 62
    free, _ = torch.cuda.mem_get_info(device)
    return int(free * _SHARE)
