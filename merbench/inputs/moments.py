"""The annotated moments of a clip."""

from __future__ import annotations

from typing import Literal

from merbench.annotations.clips import Clip
from merbench.errors import DataError

Moment = Literal["onset", "apex", "offset"]


def moment_number(clip: Clip, moment: Moment) -> int:
    """The annotated frame number of a moment."""
    number = {"onset": clip.onset, "apex": clip.apex, "offset": clip.offset}[moment]
    if number is None:
        raise DataError(f"{clip}: it has no apex; choose --apex middle or --apex drop.")
    return number
