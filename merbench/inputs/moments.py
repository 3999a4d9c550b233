"""The annotated moments of a clip."""

from __future__ import annotations

from typing import Literal

from merbench.annotations.clips import Clip

Moment = Literal["onset", "apex", "offset"]


def moment_number(clip: Clip, moment: Moment) -> int:
    """The annotated frame number of a moment.

    Raises:
        UnknownMoment: if it is unknown.
    """
    return clip.moment(moment)
