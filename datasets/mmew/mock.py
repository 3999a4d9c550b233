"""Writing a stand-in for MMEW: laid out as distributed, faces drawn."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from merbench.synthetic.invented import Extent, Invented, invent, length, plain_row, rounds
from merbench.synthetic.mock_clips import dealt
from merbench.synthetic.mock_tree import write_frames

from .annotation import COLUMNS, NAMES
from .schemes import EMOTIONS, FOUR_CLASS, SUBJECTS

_RARE = ("fear", "sadness", "anger")
#: (height, width)
_SIZE = (231, 231)


def invent_clips(extent: Extent) -> tuple[Invented, ...]:
    """The clips of a stand-in tree: four main emotions in turn, sometimes a rare one; or the numbers of the file."""
    shown = _dealt() if extent.full else (_rounds(number, extent) for number in range(1, extent.subjects + 1))
    return tuple(clip for number, emotions in shown for clip in _subject(number, emotions, extent.seed))


def write_workbook(out: Path, clips: Sequence[Invented]) -> None:
    """Write the annotation as distributed: subjects as numbers, an empty column of remarks."""
    from openpyxl import Workbook

    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append([column.header for column in COLUMNS.values()])
    for clip in clips:
        row, units = clip.row, clip.row.action_units_annotated
        coded = [int(units) if units.isdigit() else units, row.emotion, None]
        sheet.append([int(row.subject), row.clip, row.onset, row.apex, row.offset, *coded])
    out.mkdir(parents=True, exist_ok=True)
    workbook.save(out / NAMES[0])


def draw(home: Path, clip: Invented, numbers: Sequence[int]) -> None:
    """Write the crops, their numbers without zeros before them."""
    from merbench.synthetic.rendering import draw_frames

    folder = home / clip.row.emotion / clip.row.clip
    write_frames(numbers, lambda part: draw_frames(clip.plan, part, _SIZE), lambda number: folder / f"{number}.jpg")


def _dealt() -> Iterator[tuple[int, list[str]]]:
    subjects = [str(number) for number in range(1, SUBJECTS + 1)]
    for subject, pairs in groupby(dealt(EMOTIONS, subjects), key=itemgetter(0)):
        yield int(subject), [emotion for _, emotion in pairs]


def _rounds(number: int, extent: Extent) -> tuple[int, list[str]]:
    import numpy as np

    rng = np.random.default_rng([extent.seed, number, 1])
    return number, rounds(rng, FOUR_CLASS.classes, extent.clips, _RARE)


def _subject(number: int, emotions: Sequence[str], seed: int) -> Iterator[Invented]:
    import numpy as np

    rng = np.random.default_rng([seed, number])
    shown: Counter[str] = Counter()
    for order, emotion in enumerate(emotions):
        shown[emotion] += 1
        frames = length(rng, 14, 35, 77)
        clip = f"S{number:02d}-{list(EMOTIONS).index(emotion) + 1:02d}-{shown[emotion]:03d}"
        row = plain_row(rng, subject=f"{number:02d}", clip=clip, emotion=emotion, onset=1, frames=frames)
        yield _annotated(invent(row, (seed, number, order)), order)


def _annotated(clip: Invented, order: int) -> Invented:
    """The clip with its sides before the numbers, or behind them in every other one, as the annotation has both."""
    units = clip.row.action_units
    trailing = re.sub(r"([LR])([0-9]+)", r"\2\1", units) if order % 2 else units
    return dataclasses.replace(clip, row=dataclasses.replace(clip.row, action_units_annotated=trailing))
