"""Frames in place of dropped ones: the nearest that was recorded."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from merbench._files.videos import is_video
from merbench.annotations.clips import Clip
from merbench.entries.parameters import Parameters, parameter
from merbench.errors import FrameError, MissingData
from merbench.plural import plural

#: So many clips are named in the note about frames that others stand in for.
_NAMED = 10


@dataclass(frozen=True, kw_only=True)
class FrameParameters(Parameters):
    """What is read in place of missing frames: the parameters of every dataset that has frame files."""

    missing_frames: str = parameter(
        "error",
        "chosen here: a clip that lacks a frame is refused, or left out by --on-error skip; nearest: the nearest "
        "present frame stands in, which a note names",
        choices=("error", "nearest"),
    )
    nearest_within: int = parameter(
        2,
        "chosen here: in frames; at 30 a second 67 ms of a micro-expression, which lasts 500 at most",
        low=1,
        high=15,
        unless={"missing_frames": ("error",)},
    )


def reach(parameters: Parameters) -> int:
    """How far away a frame may be that stands in for a missing one; 0 where none may."""
    nearest = isinstance(parameters, FrameParameters) and parameters.missing_frames == "nearest"
    return parameters.nearest_within if nearest else 0  # type: ignore[attr-defined]


def notes(within: int, clips: Sequence[Clip], list_frames: Callable[[Clip], Mapping[int, Path]]) -> Iterator[str]:
    """A sentence on where others stand in for missing frames; none where `within` is 0."""
    if not within:
        return
    rule = f"A missing frame is read from the nearest present one, at most {within} away"
    try:
        substituted = list(substitutions(within, clips, list_frames))
    except (MissingData, FrameError):  # the table alone is asked for, and frames may not be there
        yield f"{rule}."
        return
    more = f" and {len(substituted) - _NAMED} more" if len(substituted) > _NAMED else ""
    named = f": {', '.join(substituted[:_NAMED])}{more}" if substituted else ""
    yield f"{rule}; so it is for onset, apex or offset of {plural(len(substituted), 'clip')}{named}."


def filled(present: Mapping[int, Path], clip: Clip, within: int) -> dict[int, Path]:
    """The files of a clip by number, those of dropped frames the nearest present one's, at most `within` away.

    Of two as near, the earlier stands in. `present` holds `within` frames more on both
    sides, where they are. Videos drop no frames and stay as they are.
    """
    if any(map(is_video, set(present.values()))):
        return dict(present)
    low, high = span(clip)
    numbers = sorted(present)
    nearest = {number: _nearest(numbers, number, within) for number in range(low, high + 1)}
    return {number: present[substitute] for number, substitute in nearest.items() if substitute is not None}


def within_span(files: Mapping[int, Path], clip: Clip, beyond: int = 0) -> dict[int, Path]:
    """The files of a clip alone, of a whole recording's: those of its frames, and of as many `beyond` on both sides."""
    low, high = span(clip)
    return {number: path for number, path in files.items() if low - beyond <= number <= high + beyond}


def span(clip: Clip) -> tuple[int, int]:
    """The first and the last frame of a clip, an apex outside it included."""
    onset, offset = clip.range.start, clip.range.stop - 1
    moments = [onset, offset, onset if clip.apex is None else clip.apex]
    return min(moments), max(moments)


def substitutions(
    within: int, clips: Sequence[Clip], list_frames: Callable[[Clip], Mapping[int, Path]]
) -> Iterator[str]:
    """What stands in for onset, apex or offset of the clips: ``KEY (onset 3 by 5.jpg)``."""
    for clip in clips:
        present = list_frames(clip)
        by_number = filled(present, clip, within)
        apex = {} if clip.apex is None else {"apex": clip.apex}
        moments = {"onset": clip.range.start, **apex, "offset": clip.range.stop - 1}
        moved = [
            f"{name} {number} by {by_number[number].name}"
            for name, number in moments.items()
            if number in by_number and number not in present
        ]
        if moved:
            yield f"{clip} ({', '.join(moved)})"


def _nearest(numbers: Sequence[int], wanted: int, within: int) -> int | None:
    place = bisect_left(numbers, wanted)
    near = [number for number in numbers[max(place - 1, 0) : place + 1] if abs(number - wanted) <= within]
    return min(near, key=lambda number: (abs(number - wanted), number), default=None)
