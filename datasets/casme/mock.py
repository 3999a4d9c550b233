"""Writing a stand-in for CASME: laid out as distributed, faces drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.coded_clips import CodedClip
from merbench.synthetic.invented import Extent, Invented, length, rounds
from merbench.synthetic.mock_tree import write_frames

from .recorded import Recorded, record, row_of
from .schemes import FOUR_CLASS

if TYPE_CHECKING:
    import numpy as np

#: The distributed file ends in .xls; writing that would take another library.
NAME = "CASME.xlsx"
_HEADERS = ("Subject", "Filename", None, "OnsetF", "ApexF1", "ApexF2", "OffsetF", None, "AU", "Emotion")
_RARE = ("happiness", "sadness", "contempt", "fear")
#: (height, width) of crops, which is invented, and of raw frames, which is the second camera's; the first one's are
#: said to be 720 by 1280, which would take long to draw.
_CROPPED, _RAW = (280, 230), (480, 640)


def invent_clips(extent: Extent) -> tuple[Recorded, ...]:
    """The clips of a stand-in tree: four main emotions in turn, sometimes a rare one; some share a recording."""
    return tuple(clip for number in range(1, extent.subjects + 1) for clip in _subject(number, extent))


def write_workbook(out: Path, clips: Sequence[Invented]) -> None:
    """Write the annotation as distributed: subjects as numbers, two unnamed columns, a second apex here and there."""
    from openpyxl import Workbook

    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(list(_HEADERS))
    for clip in clips:
        row = clip.row
        frames = [row.onset, row.apex, int(row.more["apex_2"]) if row.more["apex_2"] else None, row.offset]
        units = int(row.action_units) if row.action_units.isdigit() else row.action_units
        sheet.append([int(row.subject), row.clip, None, *frames, None, units, row.emotion])
    workbook.save(out / NAME)


def draw(home: Path, prefix: str, clip: Invented, numbers: Sequence[int]) -> None:
    """Write crops, or raw frames where there is no `prefix`."""
    from merbench.synthetic.rendering import draw_frames, draw_raw_frames

    assert isinstance(clip, Recorded)
    row, digits = clip.row, clip.digits
    folder = home / f"sub{row.subject}" / row.clip
    write_frames(
        numbers,
        lambda part: draw_frames(clip.plan, part, _CROPPED) if prefix else draw_raw_frames(clip.plan, part, _RAW),
        lambda number: folder / f"{prefix}{row.clip}-{number:0{digits}d}.jpg",
    )


def _subject(number: int, extent: Extent) -> Iterator[Recorded]:
    """The clips of a subject; those of odd number were recorded by the first camera here, which pads no numbers."""
    import numpy as np

    rng = np.random.default_rng([extent.seed, number])
    emotions = rounds(rng, FOUR_CLASS.classes, extent.clips, _RARE)
    for order, emotion in enumerate(emotions):
        row = _row(rng, number, order, emotion)
        yield record(row, (extent.seed, number, order), digits=0 if number % 2 else 3)


def _row(rng: np.random.Generator, number: int, order: int, emotion: str) -> CodedClip:
    """A row; every third one is a further event in the recording before it."""
    further = order % 3 == 2
    onset, frames = int(rng.integers(3, 60)) + (100 if further else 0), length(rng, 10, 18, 32)
    apex = onset + round(frames * float(rng.uniform(0.35, 0.65)))
    moments = (onset, apex, onset + frames - 1)
    return row_of(number, _name(order - further), emotion, moments, second_apex=order % 4 == 1)


def _name(order: int) -> str:
    """A recording's name; the file has all these shapes, bare ones rarely."""
    video = order + 1
    return (f"EP{video:02d}_{order % 9 + 1}", f"EP{video:02d}", f"EP{video:02d}_1_2", f"EP{video:02d}_11")[order % 4]
