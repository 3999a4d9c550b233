"""Which clips cannot have the inputs that a method declares, by what their data consists of; no file is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from merbench.annotations.clips import Clip
from merbench.data.source import Source
from merbench.errors import FrameError, UnknownMoment
from merbench.inputs.base import ArrayInput
from merbench.inputs.declaration import Frames, Inputs
from merbench.inputs.frame_selection import window_numbers


def needs_frames(declared: Inputs) -> list[str]:
    """The declared inputs that are computed from frames whatever the data brings, by name."""
    arrays = [array.name for array in declared.arrays if array.precomputed() is None]
    return [*([] if declared.frames is None else ["frames"]), *arrays]


def unavailable(clips: Sequence[Clip], sources: Mapping[str, Source], declared: Inputs) -> dict[str, str]:
    """By clip key, why an input cannot be had: its data comes without frames, or a moment that is needed is unknown."""
    reasons = ((clip.key, next(_reasons(clip, sources[clip.dataset], declared), "")) for clip in clips)
    return {key: reason for key, reason in reasons if reason}


def _reasons(clip: Clip, source: Source, declared: Inputs) -> Iterator[str]:
    needing: list[Frames | ArrayInput] = [] if declared.frames is None else [declared.frames]
    needing += [array for array in declared.arrays if not _is_brought(clip, source, array)]
    for each in needing:
        name = "frames" if isinstance(each, Frames) else each.name
        if not source.dataset.has_frames(source.root, clip):
            yield f"{clip}: no frames come with it, which the input {name} is computed from"
        try:
            _numbers(clip, each)
        except UnknownMoment as unknown:
            yield f"{unknown} The input {name} needs it."
        except TypeError:  # a plugin's input that reckons with a moment that is unknown
            if clip.has_range:
                raise
            yield f"{clip}: its onset or offset is unknown, which the input {name} needs"


def _numbers(clip: Clip, needing: Frames | ArrayInput) -> object:
    if isinstance(needing, Frames):
        return [window_numbers(clip, needing, moment) for moment in needing.at]
    return needing.numbers(clip)


def _is_brought(clip: Clip, source: Source, array: ArrayInput) -> bool:
    name = array.precomputed()
    try:
        return name is not None and source.dataset.precomputed(source.root, clip, name) is not None
    except FrameError:  # a named file that is not there: preparing the input says so
        return True
