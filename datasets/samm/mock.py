"""Writing a stand-in for SAMM: laid out as distributed, faces drawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.coding import CodedClip
from merbench.folder_dataset import grey
from merbench.invented import Extent, Invented, invent, length, rounds
from merbench.stand_in import write_frames

from .annotation import COLUMNS, NAMES, SHEET
from .schemes import EMOTIONS, FIVE_CLASS

if TYPE_CHECKING:
    import numpy as np

#: The 29 subjects that have micro-expressions, of 32 recorded.
SUBJECTS = tuple(f"{number:03d}" for number in (6, 7, *range(9, 27), 28, *range(30, 38)))
_RARE = ("disgust", "fear", "sadness")
#: Rows that the stand-in shares with the file, so that their oddity can be met. The emotions are invented.
_BAD = {"028": ("028_4_1", "other", 1071, 1143, 1134), "032": ("032_3_1", "anger", 4896, 1930, 4970)}
_DRAWN_AS = {"other": "others"}
#: (height, width); the width and height that public code gives.
_SIZE = (650, 960)
_HEADERS = ("subject", "clip", "inducement", "onset", "apex", "offset")
_LAST = ("action_units", "emotion", "objective_class", "remarks")


def invent_clips(extent: Extent) -> tuple[Invented, ...]:
    """The clips of a stand-in tree: five main emotions in turn, sometimes a rare one, and the two bad apexes."""
    return tuple(clip for number in range(extent.subjects) for clip in _subject(number, extent))


def write_workbook(out: Path, clips: Sequence[Invented]) -> None:
    """Write the annotation as distributed: 13 rows above the header, durations as formulas, subjects as text."""
    from openpyxl import Workbook

    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = SHEET
    for line in ("SAMM stand-in, drawn by merbench", *[None] * 12):
        sheet.append([line])
    head, tail = ([COLUMNS[name].header for name in names] for names in (_HEADERS, _LAST))
    sheet.append([*head, "Duration", "Micro", *tail])
    for number, clip in enumerate(clips, start=15):
        row = clip.row
        frames = [row.onset, row.apex, row.offset, f"=F{number}-D{number}+1", "Micro - 1/2"]
        units = row.action_units_annotated
        coded = [int(units) if units.isdigit() else units, row.emotion.capitalize(), int(row.more["objective_class"])]
        sheet.append([row.subject, row.clip, int(row.more["inducement"]), *frames, *coded])
    workbook.save(out / NAMES[0])


def draw(home: Path, clip: Invented, numbers: Sequence[int]) -> None:
    """Write grey frames; numbers have 4 digits, or 5 in the clips that start with an odd frame."""
    from merbench.drawn import draw_raw_frames

    row = clip.row
    digits = 5 if row.onset % 2 else 4
    folder = home / row.subject / row.clip
    write_frames(
        numbers,
        lambda part: grey(draw_raw_frames(clip.plan, part, _SIZE)),
        lambda number: folder / f"{row.subject}_{number:0{digits}d}.jpg",
    )


def _subject(number: int, extent: Extent) -> Iterator[Invented]:
    import numpy as np

    rng = np.random.default_rng([extent.seed, number])
    subject = SUBJECTS[number]
    emotions = rounds(rng, FIVE_CLASS.classes, extent.clips, _RARE)
    for order, emotion in enumerate(emotions):
        row = _row(rng, subject, order, emotion)
        middle = (row.onset + row.offset) // 2 if row.apex_outside else None
        clip = invent(row, (extent.seed, number, order), drawn_as=_DRAWN_AS.get(row.emotion), apex=middle)
        yield _annotated(clip, order)


def _row(rng: np.random.Generator, subject: str, order: int, emotion: str) -> CodedClip:
    onset, frames = int(rng.integers(20, 9000)), length(rng, 30, 74, 101)
    apex = onset + round(frames * float(rng.uniform(0.35, 0.65)))
    clip, offset = f"{subject}_{order // 3 + 1}_{order % 3 + 1}", onset + frames - 1
    if order == 0 and subject in _BAD:
        clip, emotion, onset, apex, offset = _BAD[subject]
    more = {"inducement": str(order // 3 + 1), "objective_class": _objective(emotion), "remarks": ""}
    return CodedClip(
        subject=subject,
        clip=clip,
        onset=onset,
        apex=apex,
        offset=offset,
        emotion=emotion,
        action_units="",
        action_units_annotated="",
        more=more,
    )


def _objective(emotion: str) -> str:
    return str(min(list(EMOTIONS).index(emotion) + 1, 7))


def _annotated(clip: Invented, order: int) -> Invented:
    """The clip with its action units as the annotators write them: intensities, alternatives, stray blanks."""
    endings = ("", "C", " ", "A/B", "B+ ref(43)", "+soft focus")
    row = dataclasses.replace(clip.row, action_units_annotated=clip.row.action_units + endings[order % len(endings)])
    return dataclasses.replace(clip, row=row)
