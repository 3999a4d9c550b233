"""Writing a stand-in for CASME: laid out as distributed, faces drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.coding import CodedClip
from merbench.invented import Extent, Invented, invent, length, rounds
from merbench.stand_in import write_frames

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


def invent_clips(extent: Extent) -> tuple[Invented, ...]:
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
    """Write crops, or raw frames where there is no `prefix`.

    Subjects of odd number were recorded by the first camera here, whose frame numbers have no zeros before them.
    """
    from merbench.drawn import draw_frames, draw_raw_frames

    row = clip.row
    folder = home / f"sub{row.subject}" / row.clip
    digits = 0 if int(row.subject) % 2 else 3
    write_frames(
        numbers,
        lambda part: draw_frames(clip.plan, part, _CROPPED) if prefix else draw_raw_frames(clip.plan, part, _RAW),
        lambda number: folder / f"{prefix}{row.clip}-{number:0{digits}d}.jpg",
    )


def _subject(number: int, extent: Extent) -> Iterator[Invented]:
    import numpy as np

    rng = np.random.default_rng([extent.seed, number])
    emotions = rounds(rng, FOUR_CLASS.classes, extent.clips, _RARE)
    for order, emotion in enumerate(emotions):
        yield invent(_row(rng, number, order, emotion), (extent.seed, number, order))


def _row(rng: np.random.Generator, number: int, order: int, emotion: str) -> CodedClip:
    """A row; every third one is a further event in the recording before it."""
    further = order % 3 == 2
    onset, frames = int(rng.integers(3, 60)) + (100 if further else 0), length(rng, 10, 18, 32)
    apex = onset + round(frames * float(rng.uniform(0.35, 0.65)))
    return CodedClip(
        subject=f"{number:02d}",
        clip=_name(order - further),
        onset=onset,
        apex=apex,
        offset=onset + frames - 1,
        emotion=emotion,
        action_units="",
        action_units_annotated="",
        more={"apex_2": str(apex + 1) if order % 4 == 1 else ""},
    )


def _name(order: int) -> str:
    """A recording's name; the file has all these shapes, bare ones rarely."""
    video = order + 1
    return (f"EP{video:02d}_{order % 9 + 1}", f"EP{video:02d}", f"EP{video:02d}_1_2", f"EP{video:02d}_11")[order % 4]
