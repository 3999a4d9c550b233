"""Writing a stand-in for CAS(ME)^2: laid out as distributed, faces drawn."""

from __future__ import annotations

import dataclasses
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.coded_clips import CodedClip
from merbench.synthetic.invented import Extent, Invented, invent, length, rounds
from merbench.synthetic.mock_clips import dealt
from merbench.synthetic.mock_tree import write_frames

from .annotation import NAMES, SHEET
from .schemes import EMOTIONS

if TYPE_CHECKING:
    import numpy as np

#: The codes of the 22 participants, in the order of their numbers, which is taken for granted.
CODES = tuple(f"s{number}" for number in (15, 16, 19, *range(20, 28), *range(29, 39), 40))
#: In the full table: the participants that have micro-expressions; which 14 of them do is invented.
_WITH_MICRO = tuple(str(number) for number in range(1, 15))
_MACRO = 300
#: Videos by their four digits; the names of most are invented.
_VIDEOS: Mapping[str, str] = {
    "0101": "disgust1",
    "0102": "disgust2",
    "0401": "anger1",
    "0402": "anger2",
    "0502": "happy1",
    "0503": "happy2",
    "0505": "happy3",
}
#: Macro-expressions that the file has with their apex after their offset, by code and video; the numbers are invented.
_LATE_APEX: Mapping[str, str] = {"s27": "disgust1", "s31": "happy2", "s32": "anger1"}
_FELT: Mapping[str, str] = {
    "negative": "disgust",
    "positive": "happiness",
    "surprise": "surprise",
    "others": "helpless",
}
#: (height, width) of crops, which is invented, and of frames.
_CROPPED, _RAW = (200, 200), (480, 640)


_Line = tuple[int, str, int, int | None, int, str | int, str, str, str]


def invent_clips(extent: Extent) -> tuple[Invented, ...]:
    """The micro-expressions of a stand-in tree; of some, no offset is annotated."""
    if extent.full:
        shown = dealt(EMOTIONS, _WITH_MICRO)
        people = [[emotion for subject, emotion in shown if subject == person] for person in _WITH_MICRO]
    else:
        people = [_rounds(number, extent) for number in range(1, extent.subjects + 1)]
    return tuple(clip for number, emotions in enumerate(people, 1) for clip in _subject(number, emotions, extent.seed))


def write_workbook(out: Path, clips: Sequence[Invented]) -> None:
    """Write the annotation as distributed: no headers, 300 macro-expressions if the table is full, and the naming."""
    from openpyxl import Workbook

    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = SHEET
    full = Counter(clip.row.emotion for clip in clips) == Counter(EMOTIONS)
    micro = [_line(clip.row) for clip in clips]
    people = len(CODES) if full else max(int(clip.row.subject) for clip in clips)
    for line in sorted([*micro, *_macro(people, _MACRO if full else 2 * people, micro)], key=lambda line: line[0]):
        sheet.append(line)
    codes, videos = workbook.create_sheet("naming rule1"), workbook.create_sheet("naming rule2")
    for number, code in enumerate(CODES, 1):
        codes.append([int(code[1:]), code, number])
    for digits, name in _VIDEOS.items():
        videos.append([digits, name])
    workbook.save(out / NAMES[0])


def draw(out: Path, clip: Invented, numbers: Sequence[int]) -> None:
    """Write crops and frames; a recording's are padded to three digits here."""
    from merbench.synthetic.rendering import draw_frames, draw_raw_frames

    code = CODES[int(clip.row.subject) - 1]
    video = clip.row.clip.split("_")[0]
    digits = next(digits for digits, name in _VIDEOS.items() if name == video)
    cropped = out / "cropped" / code[1:] / clip.row.clip
    selected = out / "selectedpic" / code / clip.row.clip
    raw = out / "rawpic" / code / f"{code[1:]}_{digits}{video}"
    write_frames(numbers, lambda part: draw_frames(clip.plan, part, _CROPPED), lambda n: cropped / f"img{n}.jpg")
    write_frames(numbers, lambda part: draw_raw_frames(clip.plan, part, _RAW), lambda n: selected / f"img{n}.jpg")
    for number in numbers:
        raw.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(selected / f"img{number}.jpg", raw / f"img{number:03d}.jpg")


def _rounds(number: int, extent: Extent) -> list[str]:
    import numpy as np

    return rounds(np.random.default_rng([extent.seed, number, 1]), tuple(EMOTIONS), extent.clips)


def _subject(number: int, emotions: Sequence[str], seed: int) -> Iterator[Invented]:
    import numpy as np

    rng = np.random.default_rng([seed, number])
    for order, emotion in enumerate(emotions):
        clip = invent(_row(rng, number, order, emotion), (seed, number, order))
        if order % 4 == 2:  # none is annotated
            clip = dataclasses.replace(clip, row=dataclasses.replace(clip.row, offset=0))
        yield clip


def _row(rng: np.random.Generator, number: int, order: int, emotion: str) -> CodedClip:
    """A row; in the recording of a video, expressions follow each other."""
    videos = tuple(_VIDEOS.values())
    turn = order // len(videos)
    onset, frames = 60 + 120 * turn + int(rng.integers(0, 60)), length(rng, 9, 14, 17)
    return CodedClip(
        subject=str(number),
        clip=f"{videos[order % len(videos)]}_{turn + 1}",
        onset=onset,
        apex=onset + round((frames - 1) * float(rng.uniform(0.35, 0.65))),
        offset=onset + frames - 1,
        emotion=emotion,
        action_units="",
        action_units_annotated="",
        more={"self_report": _FELT[emotion]},
    )


def _line(row: CodedClip) -> _Line:
    units = int(row.action_units) if row.action_units.isdigit() else row.action_units
    felt = row.more["self_report"]
    kind = "micro-expression"
    return int(row.subject), row.clip, row.onset, row.apex, row.offset, units, row.emotion, kind, felt


def _macro(people: int, count: int, micro: Sequence[_Line]) -> Iterator[_Line]:
    """Macro-expressions, after the micro-expressions of each video; three have their apex after their offset."""
    late = {(CODES.index(code) + 1, video) for code, video in _LATE_APEX.items()}
    turns = Counter((line[0], line[1].split("_")[0]) for line in micro)
    for order in range(count):
        person, video = order % people + 1, tuple(_VIDEOS.values())[order // people % len(_VIDEOS)]
        turns[person, video] += 1
        onset = 4000 + 200 * turns[person, video]
        apex = onset + (60 if (person, video) in late else 20)
        late.discard((person, video))
        name = f"{video}_{turns[person, video]}"
        yield person, name, onset, apex, onset + 40, "6+12", "positive", "macro-expression", "happiness"
