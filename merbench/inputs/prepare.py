"""All inputs that a method declares, for the clips that have all of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from merbench.annotations.clips import Clip
from merbench.data.source import Source
from merbench.inputs.cache import Cache
from merbench.inputs.declaration import Inputs
from merbench.inputs.prepare_arrays import precomputed_clips, prepare_array
from merbench.inputs.prepare_frames import prepare
from merbench.inputs.prepared import PreparedArray, PreparedFrames, PreparedInputs


def prepare_inputs(
    clips: Sequence[Clip],
    sources: Mapping[str, Source],
    declared: Inputs,
    progress: Callable[[int, int], None] = lambda done, total: None,
    cache: Cache | None = None,
) -> tuple[PreparedInputs, dict[str, str]]:
    """The inputs of all clips that have every one of them, in the given order, and by clip key why others have not.

    Raises:
        StoreError: if the cache cannot be written.
    """
    frames: PreparedFrames | None = None
    failed: dict[str, str] = {}
    if declared.frames is not None:
        frames, failed = prepare(clips, sources, declared.frames, progress, cache)
    arrays = [prepare_array(clips, sources, each, progress, cache) for each in declared.arrays]
    every = {key: reason for _, lost in reversed(arrays) for key, reason in lost.items()} | failed
    kept = PreparedInputs(
        count=len(clips) - len(every),
        frames=None if frames is None else _frames_less(frames, _places(clips, failed, every)),
        arrays=tuple(_array_less(array, _places(clips, lost, every)) for array, lost in arrays),
        notes=_notes(clips, sources, declared),
    )
    return kept, every


def _places(clips: Sequence[Clip], failed: Mapping[str, str], every: Mapping[str, str]) -> npt.NDArray[np.int64] | None:
    """Which rows to keep of an input that only `failed` lack; None where that is all of them."""
    if len(failed) == len(every):
        return None
    present = [clip.key for clip in clips if clip.key not in failed]
    return np.array([place for place, key in enumerate(present) if key not in every], dtype=np.int64)


def _frames_less(frames: PreparedFrames, places: npt.NDArray[np.int64] | None) -> PreparedFrames:
    if places is None:
        return frames
    return dataclasses.replace(
        frames, images=frames.images[places], counts=frames.counts[places], annotated=frames.annotated[places]
    )


def _array_less(array: PreparedArray, places: npt.NDArray[np.int64] | None) -> PreparedArray:
    return array if places is None else dataclasses.replace(array, values=array.values[places])


def _notes(clips: Sequence[Clip], sources: Mapping[str, Source], declared: Inputs) -> tuple[str, ...]:
    ready = {each.name: len(precomputed_clips(clips, sources, each)) for each in declared.arrays if each.precomputed()}
    return tuple(
        f"{name}: taken as it came with the data for {count} of {len(clips)} clips, not computed"
        for name, count in ready.items()
        if count
    )
