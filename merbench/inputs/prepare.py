"""All inputs that a method declares, for the clips that have all of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from merbench.annotations.clips import Clip
from merbench.data.flow_files import is_picture
from merbench.data.source import Source
from merbench.errors import FrameError
from merbench.inputs.base import ArrayInput
from merbench.inputs.cache import Cache
from merbench.inputs.declaration import Inputs
from merbench.inputs.flow import Flow
from merbench.inputs.prepare_arrays import precomputed_clips, prepare_array
from merbench.inputs.prepare_frames import prepare
from merbench.inputs.prepared import PreparedArray, PreparedFrames, PreparedInputs
from merbench.plural import plural


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
    prepared = PreparedInputs(
        count=len(clips) - len(every),
        frames=None if frames is None else _frames_less(frames, _places(clips, failed, every)),
        arrays=tuple(_array_less(array, _places(clips, lost, every)) for array, lost in arrays),
        notes=_notes(clips, sources, declared),
    )
    return prepared, every


def beside(trained: PreparedInputs, tested: PreparedInputs) -> PreparedInputs:
    """The inputs of the same clips as they are trained on and, after them, as they are tested; both are in memory."""
    frames = None
    if trained.frames is not None and tested.frames is not None:
        one, other = trained.frames, tested.frames
        width = max(one.images.shape[2], other.images.shape[2])
        frames = PreparedFrames(
            declaration=one.declaration,
            images=np.concatenate([_as_wide(one.images, width), _as_wide(other.images, width)]),
            counts=np.concatenate([one.counts, other.counts]),
            annotated=np.concatenate([one.annotated, other.annotated]),
        )
    return dataclasses.replace(
        trained,
        frames=frames,
        arrays=tuple(
            PreparedArray(declaration=one.declaration, values=np.concatenate([one.values, other.values]))
            for one, other in zip(trained.arrays, tested.arrays, strict=True)
        ),
        tested=trained.count,
    )


def _as_wide(images: npt.NDArray[np.uint8], width: int) -> npt.NDArray[np.uint8]:
    """Windows of frames `(clip moment window ...)`, filled up with their last frame, of which no place is drawn."""
    lacking = width - images.shape[2]
    return np.concatenate([images, *[images[:, :, -1:]] * lacking], axis=2) if lacking else images


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
    notes = []
    for each in declared.arrays:
        ready = precomputed_clips(clips, sources, each) if each.precomputed() else []
        if ready:
            share = f"{len(ready)} of {plural(len(clips), 'clip')}"
            done = _scaling(each, [clip for clip in clips if clip.key in set(ready)], sources)
            notes.append(f"{each.name}: taken as it came with the data for {share}, not computed{_brought(each)}{done}")
    return tuple(notes)


def _brought(declared: ArrayInput) -> str:
    """To what size given flow is brought, and where its strain is from, as a phrase."""
    if not isinstance(declared, Flow):
        return ""
    height, width = declared.size
    strain = ", with strain worked out where a file has u and v alone" if declared.strain else ""
    return f"; resized to {height} x {width} where it has another size{strain}"


def _scaling(declared: ArrayInput, clips: Sequence[Clip], sources: Mapping[str, Source]) -> str:
    """How the precomputed flow of those clips is scaled, as a phrase; empty if it is not."""
    if not isinstance(declared, Flow):
        return ""
    if declared.scale == "minmax":
        low, high = declared.value_range
        return f"; each channel of each clip is stretched to {low:g}..{high:g}"
    if declared.scale == "unit":
        return "; divided by the longest displacement of each clip"
    if any(_of_pictures(sources[clip.dataset], clip) for clip in clips):
        return (
            "; pictures hold values 0..255 without a unit, read as (value - 128) / 127, while the method expects pixels"
        )
    return ""


def _of_pictures(source: Source, clip: Clip) -> bool:
    try:
        path = source.dataset.precomputed(source.root, clip, "flow")
    except FrameError:  # a named file that is not there: reading it says so, by clip
        return False
    return path is not None and is_picture(path)
