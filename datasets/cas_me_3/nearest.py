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
    nearest = {number: _nearest(numbers, number, within) for number in range(low, high + 1)}
    return {number: present[substitute] for number, substitute in nearest.items() if substitute is not None}


def within_span(files: Mapping[int, Path], clip: Clip, beyond: int = 0) -> dict[int, Path]:
    """The files of a clip alone, of a whole recording's: those of its frames, and of as many `beyond` on both sides."""
    low, high = span(clip)
    return {number: path for number, path in files.items() if low - beyond <= number <= high + beyond}


def span(clip: Clip) -> tuple[int, int]:
    """The first and the last frame of a clip, an apex outside it included."""
    onset, offset = clip.moment("onset"), clip.moment("offset")
    moments = [onset, offset, onset if clip.apex is None else clip.apex]
    return min(moments), max(moments)


def substitutions(clips: Sequence[Clip], files: Sequence[Mapping[int, Path]]) -> Iterator[str]:
    """What stands in for onset, apex or offset of the clips, by their `files`: ``KEY (onset 3 by 5.jpg)``."""
    for clip, by_number in zip(clips, files, strict=True):
        apex = {} if clip.apex is None else {"apex": clip.apex}
        moments = {"onset": clip.moment("onset"), **apex, "offset": clip.moment("offset")}
        moved = [
            f"{name} {number} by {by_number[number].name}"
            for name, number in moments.items()
            if number in by_number and not _is(by_number[number], number)
        ]
        if moved:
            yield f"{clip} ({', '.join(moved)})"


def _nearest(numbers: Sequence[int], wanted: int, within: int) -> int | None:
    place = bisect_left(numbers, wanted)
    near = [number for number in numbers[max(place - 1, 0) : place + 1] if abs(number - wanted) <= within]
    return min(near, key=lambda number: (abs(number - wanted), number), default=None)


def _is(path: Path, number: int) -> bool:
    return path.stem.isdigit() and int(path.stem) == number
