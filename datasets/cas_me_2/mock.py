"""The mock of CAS(ME)^2: laid out as distributed, with synthetic faces."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.coded_clips import CodedClip
from merbench.synthetic.mock_clips import Extent, MockClip, length, mock_clip, uncoded_row
from merbench.synthetic.mock_emotions import distribute, emotions_by_subject, subject_rounds
from merbench.synthetic.mock_tree import number_or_text, write_sheets

from .annotation import NAMES, SHEET
from .schemes import EMOTIONS

if TYPE_CHECKING:
    import numpy as np

#: The codes of the 22 participants, in the order of their numbers, which is taken for granted.
CODES = tuple(f"s{number}" for number in (15, 16, 19, *range(20, 28), *range(29, 39), 40))
#: In the full table: the participants that have micro-expressions; which 14 of them do is chosen here.
_WITH_MICRO = tuple(str(number) for number in range(1, 15))
_MACRO = 300
#: Videos by their four digits; the names of most are chosen here.
_VIDEOS: Mapping[str, str] = {
    "0101": "disgust1",
    "0102": "disgust2",
    "0401": "anger1",
    "0402": "anger2",
    "0502": "happy1",
    "0503": "happy2",
    "0505": "happy3",
}
#: Macro-expressions that the file has with their apex after their offset, by code and video; the numbers are chosen
#: here.
_LATE_APEX: Mapping[str, str] = {"s27": "disgust1", "s31": "happy2", "s32": "anger1"}
_FELT: Mapping[str, str] = {
    "negative": "disgust",
    "positive": "happiness",
    "surprise": "surprise",
    "others": "helpless",
}
#: (height, width) of crops, which is chosen here, and of frames.
_CROPPED, _RAW = (200, 200), (480, 640)


_Line = tuple[int, str, int, int | None, int, str | int, str, str, str]


def plan_clips(extent: Extent) -> tuple[MockClip, ...]:
    """The micro-expressions of a mock tree; of some, no offset is annotated."""
    if extent.full:
        people = [emotions for _, emotions in emotions_by_subject(distribute(EMOTIONS, _WITH_MICRO))]
    else:
        people = [subject_rounds(extent, number, tuple(EMOTIONS)) for number in range(1, extent.subjects + 1)]
    return tuple(clip for number, emotions in enumerate(people, 1) for clip in _subject(number, emotions, extent.seed))


def write_workbook(out: Path, clips: Sequence[MockClip]) -> None:
    """Write the annotation as distributed: no headers, 300 macro-expressions if the table is full, and the naming."""
    full = Counter(clip.row.emotion for clip in clips) == Counter(EMOTIONS)
    micro = [_line(clip.row) for clip in clips]
    people = len(CODES) if full else max(int(clip.row.subject) for clip in clips)
    lines = sorted([*micro, *_macro(people, _MACRO if full else 2 * people, micro)], key=lambda line: line[0])
    naming: dict[str, list[list[object]]] = {
        "naming rule1": [[int(code[1:]), code, number] for number, code in enumerate(CODES, 1)],
        "naming rule2": [[digits, name] for digits, name in _VIDEOS.items()],
    }
    write_sheets(out / NAMES[0], {SHEET: lines, **naming})


def draw(out: Path, clip: MockClip, numbers: Sequence[int]) -> None:
    """Write crops and frames; a recording's are padded to three digits here."""
    code = CODES[int(clip.row.subject) - 1]
    video = clip.row.clip.split("_")[0]
    digits = next(digits for digits, name in _VIDEOS.items() if name == video)
    cropped = out / "cropped" / code[1:] / clip.row.clip
    selected = out / "selectedpic" / code / clip.row.clip
    raw = out / "rawpic" / code / f"{code[1:]}_{digits}{video}"
    clip.write_crops(numbers, _CROPPED, lambda number: cropped / f"img{number}.jpg")
    clip.write_raw(numbers, _RAW, lambda number: selected / f"img{number}.jpg")
    for number in numbers:
        raw.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(selected / f"img{number}.jpg", raw / f"img{number:03d}.jpg")


def _subject(number: int, emotions: Sequence[str], seed: int) -> Iterator[MockClip]:
    import numpy as np

    rng = np.random.default_rng([seed, number])
    for order, emotion in enumerate(emotions):
        clip = mock_clip(_row(rng, number, order, emotion), (seed, number, order))
        yield clip.with_row(offset=0) if order % 4 == 2 else clip  # 0: none is annotated


def _row(rng: np.random.Generator, number: int, order: int, emotion: str) -> CodedClip:
    """A row; in the recording of a video, expressions follow each other."""
    videos = tuple(_VIDEOS.values())
    turn = order // len(videos)
    onset, frames = 60 + 120 * turn + int(rng.integers(0, 60)), length(rng, 9, 14, 17)
    apex = onset + round((frames - 1) * float(rng.uniform(0.35, 0.65)))
    return uncoded_row(
        subject=str(number),
        clip=f"{videos[order % len(videos)]}_{turn + 1}",
        emotion=emotion,
        moments=(onset, apex, onset + frames - 1),
        more={"self_report": _FELT[emotion]},
    )


def _line(row: CodedClip) -> _Line:
    units = number_or_text(row.action_units)
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
