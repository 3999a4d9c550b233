"""Clips that share frames of one recording: several expressions of one video whose ranges overlap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from merbench.annotations.clips import Clip


def overlapping(clips: Sequence[Clip]) -> Iterator[tuple[Clip, Clip]]:
    """The pairs of clips of one subject and name whose ranges share a frame, the one that begins first in front.

    >>> def clip(onset, offset):
    ...     return Clip(dataset="lab", subject="1", name="a", onset=onset, apex=None, offset=offset)
    >>> [(one.onset, other.onset) for one, other in overlapping([clip(1, 90), clip(5, 9), clip(40, 50), clip(95, 99)])]
    [(1, 5), (1, 40)]
    """
    by_recording: defaultdict[tuple[str, str], list[Clip]] = defaultdict(list)
    for clip in clips:
        if clip.has_range and not clip.reversed:
            by_recording[clip.qualified_subject, clip.name].append(clip)
    for several in by_recording.values():
        several.sort(key=lambda clip: (clip.range.start, clip.range.stop))
        for place, one in enumerate(several):
            for other in several[place + 1 :]:
                if other.range.start >= one.range.stop:
                    break
                yield one, other
