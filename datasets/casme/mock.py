"""The mock of CASME: laid out as distributed, with synthetic faces.

The full table has as many clips of each emotion, subject and shape of name as the real one. Rows that the list of
corrections names stand where the file has them; their moments as annotated are chosen here, as are all others.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.coded_clips import CodedClip
from merbench.synthetic.mock_clips import Extent, MockClip, length, mock_clip, uncoded_row
from merbench.synthetic.mock_emotions import distribute_by_subject, rounds
from merbench.synthetic.mock_tree import number_or_text, write_sheets

from .schemes import BY_SUBJECT, EMOTIONS, FOUR_CLASS

if TYPE_CHECKING:
    import numpy as np

#: The distributed file ends in .xls; writing that would take another library.
NAME = "CASME.xlsx"
_HEADERS = ("Subject", "Filename", None, "OnsetF", "ApexF1", "ApexF2", "OffsetF", None, "AU", "Emotion")
_RARE = ("happiness", "sadness", "contempt", "fear")
#: (height, width) of crops, which is chosen here, and of raw frames, which is the second camera's; the first one's are
#: said to be 720 by 1280, which would take long to render.
_CROPPED, _RAW = (280, 230), (480, 640)
#: From this row on, counted from 0, frame numbers in file names have three digits.
_PADDED_FROM = 92
#: Rows that the file has at these places: recording, moments as annotated (chosen here), what the folder holds.
_NAMED: Mapping[int, tuple[str, tuple[int, int, int], tuple[int, int]]] = {
    40: ("EP07_1", (300, 320, 349), (100, 149)),
    42: ("EP09_3", (301, 310, 319), (101, 119)),
    43: ("EP09_4", (257, 265, 274), (57, 74)),
    54: ("EP02_5", (20, 30, 45), (20, 40)),
    140: ("EP08_5", (125, 133, 148), (125, 142)),
}
#: Events of a recording, by its first row: 33 rows share 14 recordings. Of these, only that of 54 is the file's.
_EVENTS: Mapping[int, int] = {54: 6, 104: 3, **dict.fromkeys((4, 10, 20, 30, 72, 80, 98, 112, 146, 164, 174, 180), 2)}
#: Rows by the shape of their name: what follows EP and the recording's number.
_SHAPES: Mapping[str, int] = {"_4": 141, "_1_2": 22, "_11": 11, "": 9, "_2_10": 4, "_10_1": 2}
#: Has no divisor in common with the number of rows outside shared recordings: each shape is taken, in a mixed order.
_STEP = 53


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedClip(MockClip):
    """A clip with the least `digits` of its frame numbers, and what is `on_disk` of it: first and last frame.

    `on_disk` is None where the folder holds what is annotated.
    """

    digits: int
    on_disk: tuple[int, int] | None = None

    def numbers(self, frames: str) -> list[int]:
        """The frame numbers that are written."""
        if self.on_disk is None or frames == "none":
            return MockClip.numbers(self, frames)
        return list(range(self.on_disk[0], self.on_disk[1] + 1))


def plan_clips(extent: Extent) -> tuple[RecordedClip, ...]:
    """The clips of a mock, in the order of the workbook.

    Four main emotions in turn, sometimes a rare one, and some clips share a recording; or the full table.
    """
    if extent.full:
        return tuple(_full_table(extent.seed))
    return tuple(clip for number in range(1, extent.subjects + 1) for clip in _subject(number, extent))


def write_workbook(out: Path, clips: Sequence[MockClip]) -> None:
    """Write the annotation as distributed: subjects as numbers, two unnamed columns, a second apex here and there."""
    rows: list[list[object]] = [list(_HEADERS)]
    for clip in clips:
        row = clip.row
        frames = [row.onset, row.apex, int(row.more["apex_2"]) if row.more["apex_2"] else None, row.offset]
        rows.append([int(row.subject), row.clip, None, *frames, None, number_or_text(row.action_units), row.emotion])
    write_sheets(out / NAME, {"Sheet": rows})


def draw(home: Path, prefix: str, clip: MockClip, numbers: Sequence[int]) -> None:
    """Write crops, or raw frames where there is no `prefix`."""
    assert isinstance(clip, RecordedClip)
    row, digits = clip.row, clip.digits
    folder = home / f"sub{row.subject}" / row.clip
    write, size = (clip.write_crops, _CROPPED) if prefix else (clip.write_raw, _RAW)
    write(numbers, size, lambda number: folder / f"{prefix}{row.clip}-{number:0{digits}d}.jpg")


def _subject(number: int, extent: Extent) -> Iterator[RecordedClip]:
    """The clips of a subject; those of odd number were recorded by the first camera here, which pads no numbers."""
    import numpy as np

    rng = np.random.default_rng([extent.seed, number])
    emotions = rounds(rng, FOUR_CLASS.classes, extent.clips, _RARE)
    for order, emotion in enumerate(emotions):
        row = _row(rng, number, order, emotion)
        yield _recorded(row, (extent.seed, number, order), digits=0 if number % 2 else 3)


def _row(rng: np.random.Generator, number: int, order: int, emotion: str) -> CodedClip:
    """A row; every third one is a further event in the recording before it."""
    further = order % 3 == 2
    moments = _moments(rng, 100 if further else 0)
    return _coded(number, _name(order - further), emotion, moments, second_apex=order % 4 == 1)


def _name(order: int) -> str:
    """A recording's name; the file has all these shapes, bare ones rarely."""
    video = order + 1
    return (f"EP{video:02d}_{order % 9 + 1}", f"EP{video:02d}", f"EP{video:02d}_1_2", f"EP{video:02d}_11")[order % 4]


def _full_table(seed: int) -> Iterator[RecordedClip]:
    shown = distribute_by_subject(EMOTIONS, BY_SUBJECT)
    for row, ((subject, emotion), place) in enumerate(zip(shown, _places(len(shown)), strict=True)):
        yield _full_row(row, int(subject), emotion, *place, seed)


def _places(rows: int) -> Iterator[tuple[str, int]]:
    """The recording of each row, and which of its events it is."""
    plain = next(iter(_SHAPES))
    alone = Counter(_SHAPES)
    alone[plain] -= sum(_EVENTS.values()) + len(_NAMED.keys() - _EVENTS.keys())
    shapes = list(alone.elements())
    row = turn = 0
    while row < rows:
        name = f"EP{10 + row % 40}"  # each once a subject, and higher than in the named rows
        if row in _NAMED:
            name = _NAMED[row][0]
        elif row in _EVENTS:
            name += plain
        else:
            name, turn = name + shapes[turn * _STEP % len(shapes)], turn + 1
        yield from ((name, event) for event in range(_EVENTS.get(row, 1)))
        row += _EVENTS.get(row, 1)


def _full_row(row: int, subject: int, emotion: str, name: str, event: int, seed: int) -> RecordedClip:
    import numpy as np

    moments = _moments(np.random.default_rng([seed, subject, row]), 100 * event)
    _, annotated, on_disk = _NAMED.get(row, ("", moments, None))
    coded = _coded(subject, name, emotion, annotated, second_apex=row % 4 == 1)
    return _recorded(coded, (seed, subject, row), digits=0 if row < _PADDED_FROM else 3, on_disk=on_disk)


def _moments(rng: np.random.Generator, later: int) -> tuple[int, int, int]:
    """Onset, apex and offset; so many frames `later` where it is a further event of a recording."""
    onset, frames = int(rng.integers(3, 60)) + later, length(rng, 10, 18, 32)
    return onset, onset + round(frames * float(rng.uniform(0.35, 0.65))), onset + frames - 1


def _coded(subject: int, clip: str, emotion: str, moments: tuple[int, int, int], *, second_apex: bool) -> CodedClip:
    """A row without action units; a second apex comes right after the first."""
    more = {"apex_2": str(moments[1] + 1) if second_apex else ""}
    return uncoded_row(subject=f"{subject:02d}", clip=clip, emotion=emotion, moments=moments, more=more)


def _recorded(
    row: CodedClip, seeds: Sequence[int], *, digits: int, on_disk: tuple[int, int] | None = None
) -> RecordedClip:
    """The clip of a row; its motion is in the frames that are on disk."""
    if on_disk is None:
        clip = mock_clip(row, seeds)
        return RecordedClip(row=clip.row, plan=clip.plan, digits=digits)
    first, last = on_disk
    clip = mock_clip(dataclasses.replace(row, onset=first, apex=(first + last) // 2, offset=last), seeds)
    as_annotated = clip.with_row(onset=row.onset, apex=row.apex, offset=row.offset)
    return RecordedClip(row=as_annotated.row, plan=clip.plan, digits=digits, on_disk=on_disk)
