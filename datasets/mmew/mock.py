"""The mock of MMEW: laid out as distributed, with synthetic faces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from merbench.synthetic.mock_clips import Extent, MockClip, length, mock_clip, plain_row
from merbench.synthetic.mock_emotions import distribute, emotions_by_subject, subject_rounds
from merbench.synthetic.mock_tree import number_or_text, write_sheets

from .annotation import COLUMNS, NAMES
from .schemes import EMOTIONS, FOUR_CLASS, SUBJECTS

_RARE = ("fear", "sadness", "anger")
#: (height, width)
_SIZE = (231, 231)


def plan_clips(extent: Extent) -> tuple[MockClip, ...]:
    """The clips of a mock tree: four main emotions in turn, sometimes a rare one; or the numbers of the file."""
    if extent.full:
        shown = emotions_by_subject(distribute(EMOTIONS, [str(number) for number in range(1, SUBJECTS + 1)]))
        people = [emotions for _, emotions in shown]
    else:
        numbers = range(1, extent.subjects + 1)
        people = [subject_rounds(extent, number, FOUR_CLASS.classes, _RARE) for number in numbers]
    return tuple(clip for number, emotions in enumerate(people, 1) for clip in _subject(number, emotions, extent.seed))


def write_workbook(out: Path, clips: Sequence[MockClip]) -> None:
    """Write the annotation as distributed: subjects as numbers, an empty column of remarks."""
    rows: list[list[object]] = [[column.header for column in COLUMNS.values()]]
    for clip in clips:
        row = clip.row
        coded = [number_or_text(row.action_units_annotated), row.emotion, None]
        rows.append([int(row.subject), row.clip, row.onset, row.apex, row.offset, *coded])
    out.mkdir(parents=True, exist_ok=True)
    write_sheets(out / NAMES[0], {"Sheet": rows})


def draw(home: Path, clip: MockClip, numbers: Sequence[int]) -> None:
    """Write the crops, their numbers without zeros before them."""
    folder = home / clip.row.emotion / clip.row.clip
    clip.write_crops(numbers, _SIZE, lambda number: folder / f"{number}.jpg")


def _subject(number: int, emotions: Sequence[str], seed: int) -> Iterator[MockClip]:
    import numpy as np

    rng = np.random.default_rng([seed, number])
    shown: Counter[str] = Counter()
    for order, emotion in enumerate(emotions):
        shown[emotion] += 1
        frames = length(rng, 14, 35, 77)
        clip = f"S{number:02d}-{list(EMOTIONS).index(emotion) + 1:02d}-{shown[emotion]:03d}"
        row = plain_row(rng, subject=f"{number:02d}", clip=clip, emotion=emotion, onset=1, frames=frames)
        yield _annotated(mock_clip(row, (seed, number, order)), order)


def _annotated(clip: MockClip, order: int) -> MockClip:
    """The clip with its sides before the numbers, or behind them in every other one, as the annotation has both."""
    units = clip.row.action_units
    return clip.with_row(action_units_annotated=re.sub(r"([LR])([0-9]+)", r"\2\1", units) if order % 2 else units)
