"""The mock of CAS(ME)^3, part C: laid out as distributed, with synthetic faces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.coded_clips import CodedClip
from merbench.synthetic.mock_clips import Extent, MockClip, length, mock_clip, uncoded_row
from merbench.synthetic.mock_emotions import distribute, emotions_by_subject, subject_rounds
from merbench.synthetic.mock_tree import number_or_text, write_sheets

from .annotation import NAMES_C, SHEET_C
from .schemes import EMOTIONS_C

if TYPE_CHECKING:
    import numpy as np

#: The 30 subjects that have micro-expressions, of 31 recorded.
SUBJECTS = tuple(str(number) for number in range(1, 32) if number != 22)
#: The clip whose action units the file separates by a full-width comma.
_FULL_WIDTH = ("4", "11")
#: (height, width), a quarter of the real 720 by 1280, so that a full tree is soon rendered.
_SIZE = (180, 320)
#: How cells end, one clip after the other.
_ENDINGS = ("", ",", "?", "")


def plan_clips(extent: Extent) -> tuple[MockClip, ...]:
    """The clips of a mock tree, none with an apex."""
    if extent.full:
        people = [emotions for _, emotions in emotions_by_subject(distribute(EMOTIONS_C, SUBJECTS))]
    else:
        people = [subject_rounds(extent, number, tuple(EMOTIONS_C)) for number in range(extent.subjects)]
    return tuple(clip for number, emotions in enumerate(people) for clip in _subject(number, emotions, extent))


def write_workbook(out: Path, clips: Sequence[MockClip]) -> None:
    """Write the labels as distributed: subjects and counts as numbers, action units by commas."""
    rows: list[list[object]] = [["sub", "count", "onset", "offset", "au", "emotion"]]
    for clip in clips:
        row = clip.row
        units = number_or_text(row.action_units_annotated)
        rows.append([int(row.subject), int(row.clip), row.onset, row.offset, units, row.emotion])
    write_sheets(out / NAMES_C[0], {SHEET_C: rows})


def draw(out: Path, clip: MockClip, numbers: Sequence[int]) -> None:
    """Write the clip's frames where the recording of the mock crime has them."""
    home = out / "part_C" / f"{int(clip.row.subject):02d}" / "a" / "color"
    clip.write_raw(numbers, _SIZE, lambda number: home / f"{number}.jpg")


def _subject(number: int, emotions: Sequence[str], extent: Extent) -> Iterator[MockClip]:
    import numpy as np

    rng = np.random.default_rng([extent.seed, number])
    for order, emotion in enumerate(emotions):
        clip = mock_clip(_row(rng, number, order, emotion, len(emotions)), (extent.seed, number, order))
        yield clip.with_row(action_units_annotated=_as_annotated(clip.row, order))


def _row(rng: np.random.Generator, number: int, order: int, emotion: str, clips: int) -> CodedClip:
    last = SUBJECTS[number] == _FULL_WIDTH[0] and order == clips - 1
    onset = 120 + 140 * order + int(rng.integers(0, 90))
    return uncoded_row(
        subject=SUBJECTS[number],
        clip=_FULL_WIDTH[1] if last and clips < int(_FULL_WIDTH[1]) else str(order + 1),
        emotion=emotion,
        moments=(onset, None, onset + length(rng, 6, 12, 30) - 1),
    )


def _as_annotated(row: CodedClip, order: int) -> str:
    """The action units of a row as the annotators write them."""
    if (row.subject, row.clip) == _FULL_WIDTH:
        return "\uff0c".join([*row.action_units.split("+"), "14"])
    return row.action_units.replace("+", ",") + _ENDINGS[order % len(_ENDINGS)]
