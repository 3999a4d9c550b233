"""One clip of a CASME stand-in: its frame files lie in a recording's folder, named in one of two ways."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from merbench.annotations.coded_clips import CodedClip
from merbench.synthetic.invented import Invented, invent


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Invented):
    """A clip with the least `digits` of its frame numbers, and what `on_disk` there is of it: first and last frame.

    `on_disk` is None where the folder holds what is annotated.
    """

    digits: int
    on_disk: tuple[int, int] | None = None

    def numbers(self, frames: str) -> list[int]:
        """The frame numbers that are written."""
        if self.on_disk is None or frames == "none":
            return Invented.numbers(self, frames)
        return list(range(self.on_disk[0], self.on_disk[1] + 1))


def record(row: CodedClip, seeds: Sequence[int], *, digits: int, on_disk: tuple[int, int] | None = None) -> Recorded:
    """The clip of a row; its motion is planted in the frames that there are."""
    if on_disk is None:
        made = invent(row, seeds)
        return Recorded(row=made.row, plan=made.plan, digits=digits)
    first, last = on_disk
    made = invent(dataclasses.replace(row, onset=first, apex=(first + last) // 2, offset=last), seeds)
    as_annotated = dataclasses.replace(made.row, onset=row.onset, apex=row.apex, offset=row.offset)
    return Recorded(row=as_annotated, plan=made.plan, digits=digits, on_disk=on_disk)


def row_of(subject: int, clip: str, emotion: str, frames: tuple[int, int, int], *, second_apex: bool) -> CodedClip:
    """A row without action units; a second apex comes right after the first."""
    onset, apex, offset = frames
    return CodedClip(
        subject=f"{subject:02d}",
        clip=clip,
        onset=onset,
        apex=apex,
        offset=offset,
        emotion=emotion,
        action_units="",
        action_units_annotated="",
        more={"apex_2": str(apex + 1) if second_apex else ""},
    )
