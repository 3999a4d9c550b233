"""Frames in place of dropped ones: the nearest that was recorded."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from merbench.annotations.clips import Clip


def filled(present: Mapping[int, Path], clip: Clip, within: int) -> dict[int, Path]:
    """The files of a clip by number, those of dropped frames the nearest present one's, at most `within` away.

    Of two as near, the earlier stands in. `present` is in rising order, and holds `within` frames more on both sides.
    """
    low, high = span(clip)
    numbers = list(present)
    found = {number: _nearest(numbers, number, within) for number in range(low, high + 1)}
    return {number: present[stand_in] for number, stand_in in found.items() if stand_in is not None}


def within_span(files: Mapping[int, Path], clip: Clip, beyond: int = 0) -> dict[int, Path]:
    """The files of a clip alone, of a whole recording's: those of its frames, and of as many `beyond` on both sides."""
    low, high = span(clip)
    return {number: path for number, path in files.items() if low - beyond <= number <= high + beyond}


def span(clip: Clip) -> tuple[int, int]:
    """The first and the last frame of a clip, an apex outside it included."""
    moments = [clip.onset, clip.offset, clip.onset if clip.apex is None else clip.apex]
    return min(moments), max(moments)


def stood_in(clips: Sequence[Clip], files: Sequence[Mapping[int, Path]]) -> Iterator[str]:
    """What stands in for onset, apex or offset of the clips, by their `files`: ``KEY (onset 3 by 5.jpg)``."""
    for clip, found in zip(clips, files, strict=True):
        apex = {} if clip.apex is None else {"apex": clip.apex}
        moments = {"onset": clip.onset, **apex, "offset": clip.offset}
        told = [
            f"{name} {number} by {found[number].name}"
            for name, number in moments.items()
            if number in found and not _is(found[number], number)
        ]
        if told:
            yield f"{clip} ({', '.join(told)})"


def _nearest(numbers: Sequence[int], wanted: int, within: int) -> int | None:
    place = bisect_left(numbers, wanted)
    near = [number for number in numbers[max(place - 1, 0) : place + 1] if abs(number - wanted) <= within]
    return min(near, key=lambda number: (abs(number - wanted), number), default=None)


def _is(path: Path, number: int) -> bool:
    return path.stem.isdigit() and int(path.stem) == number
