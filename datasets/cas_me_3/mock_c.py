"""Writing a stand-in for CAS(ME)^3, part C: laid out as distributed, faces drawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.coded_clips import CodedClip
from merbench.synthetic.invented import Extent, Invented, invent, length, rounds
from merbench.synthetic.mock_clips import dealt
from merbench.synthetic.mock_tree import write_frames

from .annotation import NAMES_C, SHEET_C
from .schemes import EMOTIONS_C

if TYPE_CHECKING:
    import numpy as np

#: The 30 subjects that have micro-expressions, of 31 recorded.
SUBJECTS = tuple(str(number) for number in range(1, 32) if number != 22)
#: The clip whose action units the file separates by a full-width comma.
_FULL_WIDTH = ("4", "11")
#: (height, width), a quarter of the real 720 by 1280, so that a full tree is soon drawn.
_SIZE = (180, 320)
#: How cells end, one clip after the other.
_ENDINGS = ("", ",", "?", "")


def invent_clips(extent: Extent) -> tuple[Invented, ...]:
    """The clips of a stand-in tree, none with an apex."""
    if extent.full:
        shown = dealt(EMOTIONS_C, SUBJECTS)
        people = [[emotion for person, emotion in shown if person == subject] for subject in SUBJECTS]
    else:
        people = [_rounds(number, extent) for number in range(extent.subjects)]
    return tuple(clip for number, emotions in enumerate(people) for clip in _subject(number, emotions, extent))


def write_workbook(out: Path, clips: Sequence[Invented]) -> None:
    """Write the labels as distributed: subjects and counts as numbers, action units by commas."""
    from openpyxl import Workbook

    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = SHEET_C
    sheet.append(["sub", "count", "onset", "offset", "au", "emotion"])
    for clip in clips:
        row = clip.row
        units = int(row.action_units_annotated) if row.action_units_annotated.isdigit() else row.action_units_annotated
        sheet.append([int(row.subject), int(row.clip), row.onset, row.offset, units, row.emotion])
    workbook.save(out / NAMES_C[0])


def draw(out: Path, clip: Invented, numbers: Sequence[int]) -> None:
    """Write the clip's frames where the recording of the mock crime has them."""
    from merbench.synthetic.rendering import draw_raw_frames

    home = out / "part_C" / f"{int(clip.row.subject):02d}" / "a" / "color"
    write_frames(numbers, lambda part: draw_raw_frames(clip.plan, part, _SIZE), lambda n: home / f"{n}.jpg")


def _rounds(number: int, extent: Extent) -> list[str]:
    import numpy as np

    return rounds(np.random.default_rng([extent.seed, number, 1]), tuple(EMOTIONS_C), extent.clips)


def _subject(number: int, emotions: Sequence[str], extent: Extent) -> Iterator[Invented]:
    import numpy as np

    rng = np.random.default_rng([extent.seed, number])
    for order, emotion in enumerate(emotions):
        clip = invent(_row(rng, number, order, emotion, len(emotions)), (extent.seed, number, order))
        yield dataclasses.replace(clip, row=_annotated(clip.row, order))


def _row(rng: np.random.Generator, number: int, order: int, emotion: str, clips: int) -> CodedClip:
    last = SUBJECTS[number] == _FULL_WIDTH[0] and order == clips - 1
    onset = 120 + 140 * order + int(rng.integers(0, 90))
    return CodedClip(
        subject=SUBJECTS[number],
        clip=_FULL_WIDTH[1] if last and clips < int(_FULL_WIDTH[1]) else str(order + 1),
        onset=onset,
        apex=None,
        offset=onset + length(rng, 6, 12, 30) - 1,
        emotion=emotion,
        action_units="",
        action_units_annotated="",
    )


def _annotated(row: CodedClip, order: int) -> CodedClip:
    """The row with its action units as the annotators write them."""
    if (row.subject, row.clip) == _FULL_WIDTH:
        units = [*row.action_units.split("+"), "14"]
        return dataclasses.replace(row, action_units_annotated="\uff0c".join(units))
    cell = row.action_units.replace("+", ",") + _ENDINGS[order % len(_ENDINGS)]
    return dataclasses.replace(row, action_units_annotated=cell)
