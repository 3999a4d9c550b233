"""Which frame numbers of a clip a declaration needs."""

from __future__ import annotations

from merbench.annotations.clips import Clip
from merbench.inputs.declaration import Frames
from merbench.inputs.moments import Moment, moment_number


def window_numbers(clip: Clip, frames: Frames, moment: Moment) -> tuple[list[int], int]:
    """The frame numbers that may stand for a moment, in order, and the place of the annotated one among them.

    The reach is a share of a quarter span, rounded down: MMNet's released code draws whole frames from such ranges.
    """
    window = frames.window(moment)
    number = moment_number(clip, moment)
    before, after = _quarters(clip, moment)
    reach_before, reach_after = int(window.before * before), int(window.after * after)
    return list(range(number - reach_before, number + reach_after + 1)), reach_before


def _quarters(clip: Clip, moment: Moment) -> tuple[float, float]:
    apex = moment_number(clip, "apex")
    rise, fall = (apex - clip.moment("onset")) / 4, (clip.moment("offset") - apex) / 4
    return {"onset": (0.0, rise), "apex": (rise, fall), "offset": (fall, 0.0)}[moment]


def spread(first: int, last: int, count: int) -> tuple[int, ...]:
    """`count` whole numbers evenly from `first` to `last`, both included, each the nearest; halves round up.

    A span with fewer numbers repeats some; a single one is `first`.
    """
    steps = max(count - 1, 1)
    return tuple(first + (2 * place * (last - first) + steps) // (2 * steps) for place in range(count))
