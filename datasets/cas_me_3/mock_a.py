"""The mock of CAS(ME)^3, part A: laid out as distributed, with synthetic faces."""

from __future__ import annotations

import dataclasses
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.coded_clips import CodedClip
from merbench.synthetic.mock_clips import Extent, MockClip, length, mock_clip, uncoded_row
from merbench.synthetic.mock_emotions import distribute, emotions_by_subject, subject_rounds
from merbench.synthetic.mock_tree import key_numbers, write_sheets

from .annotation import COLUMNS_A, NAMES_A, SHEET_A
from .schemes import EMOTIONS_A, OBJECTIVE_CLASSES

if TYPE_CHECKING:
    import numpy as np

#: The 94 subjects of the full table: those that the list of corrections names, the others chosen here.
SUBJECTS = tuple(f"spNO.{number}" for number in (*range(1, 91), 149, 214, 215, 216))
#: In the full table: six subjects that show others alone; which they are is chosen here.
_ONLY = dict.fromkeys((f"spNO.{number}" for number in (7, 23, 31, 52, 64, 88)), ("others",))
_MAIN, _RARE = ("disgust", "surprise", "others", "happy"), ("fear", "anger", "sad")
_LETTERS = "abcdefghijklm"
_RENDERED_EMOTION = {"sad": "sadness", "happy": "happiness"}
#: The objective class that most clips of an emotion are given; the others are VII.
_OBJECTIVE = {"happy": "I", "surprise": "II", "disgust": "III", "anger": "IV", "sad": "V", "fear": "VI"}
#: (height, width), a quarter of the real 720 by 1280: a full tree of those would take long, and many gigabytes.
_SIZE = (180, 320)
#: The rows that the list of corrections names: video, onset, apex, offset; and where the rendered clip has them. What
#: the list of corrections does not say of them is chosen here.
_BAD: Mapping[str, Sequence[tuple[str, tuple[int, int, int], tuple[int, int, int]]]] = {
    "spNO.149": [("d", (112, 83, 175), (112, 160, 175))],
    "spNO.216": [("d", (3647, 2655, 2665), (2647, 2655, 2665)), ("e", (0, 0, 24), (1, 12, 24))],
    "spNO.40": [("e", (1812, 1830, 0), (1812, 1830, 1845)), ("e", (2327, 2360, 0), (2327, 2360, 2403))],
    "spNO.214": [("c", (5, 17, 3460), (5, 17, 34))],
}
#: Of so many subjects the fifth clip has its apex on its onset, and the sixth lasts more than 150 frames, if they
#: have so many; with rows of the list of corrections these are the 55 and 17 of the file.
_STILL, _LONG = 58, 17


def plan_clips(extent: Extent) -> tuple[MockClip, ...]:
    """The clips of a mock tree, two in most recordings; none overlap, as some of the file do."""
    if extent.full:
        people = [emotions for _, emotions in emotions_by_subject(distribute(EMOTIONS_A, SUBJECTS, only=_ONLY))]
    else:
        people = [subject_rounds(extent, number, _MAIN, _RARE) for number in range(extent.subjects)]
    clips = (clip for number, emotions in enumerate(people) for clip in _subject(number, emotions, extent))
    return _classed(clips)


def write_workbook(out: Path, clips: Sequence[MockClip]) -> None:
    """Write the labels as distributed: every cell as text, two empty sheets, ``Others`` for three clips."""
    rows = [[column.header for column in COLUMNS_A.values()]]
    others = 0
    for clip in clips:
        row = clip.row
        others += row.emotion == "others"
        emotion = "Others" if row.emotion == "others" and others <= 3 else row.emotion
        moments = [str(row.onset), str(row.apex), str(row.offset)]
        rows.append([row.subject, row.clip, *moments, row.action_units, row.more["objective_class"], emotion])
    write_sheets(out / NAMES_A[0], {SHEET_A: rows, "Sheet1": (), "Sheet3": ()})


def draw(out: Path, clip: MockClip, numbers: Sequence[int]) -> None:
    """Write the frames of a cut clip, and copies where the recording has them.

    Some that no method needs are dropped, as in the recordings; none is called 0.
    """
    row, plan = clip.row, clip.plan
    key = set(key_numbers(plan.onset, plan.apex, plan.offset)) if numbers else set()
    written = sorted({number for number in numbers if number % 17} | key)
    home = out / "Part_A_ME_clip" / "frame" / f"{row.subject}_{row.clip}_{row.onset}".replace("spNO", "spNo")
    video = out / "part_A" / row.subject / row.clip / "color"
    clip.write_raw(written, _SIZE, lambda number: home / f"{number}.jpg")
    for number in written:
        video.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(home / f"{number}.jpg", video / f"{number}.jpg")


def _subject(number: int, emotions: Sequence[str], extent: Extent) -> Iterator[MockClip]:
    import numpy as np

    rng = np.random.default_rng([extent.seed, number])
    bad = _BAD.get(SUBJECTS[number], ())
    for order, emotion in enumerate(emotions):
        row = _row(rng, number, order, emotion)
        seeds, rendered_emotion = (extent.seed, number, order), _RENDERED_EMOTION.get(emotion)
        if order < len(bad):
            video, table, rendered = bad[order]
            clip = mock_clip(_moved(row, video, rendered), seeds, rendered_emotion=rendered_emotion)
            yield dataclasses.replace(clip, row=_moved(clip.row, video, table))
        else:
            middle = (row.onset + row.offset + 1) // 2 if row.apex == row.onset else None
            yield mock_clip(row, seeds, rendered_emotion=rendered_emotion, apex=middle)


def _row(rng: np.random.Generator, number: int, order: int, emotion: str) -> CodedClip:
    frames = 160 if order == 5 and number < _LONG else length(rng, 5, 12, 30)
    onset = 20 + int(rng.integers(0, 200)) + 400 * (order % 2) + 1000 * (order // 26)
    apex = onset + (0 if order == 4 and number < _STILL else max(1, round(frames * float(rng.uniform(0.3, 0.6)))))
    return uncoded_row(
        subject=SUBJECTS[number],
        clip=_video(SUBJECTS[number], order // 2),
        emotion=emotion,
        moments=(onset, apex, onset + frames - 1),
        more={"objective_class": "VII"},
    )


def _video(subject: str, place: int) -> str:
    """A recording's letter; one is upper-case, and recordings that have corrections are left to those rows."""
    if subject == "spNO.14" and place == 4:
        return "J"
    return _LETTERS[(place + 5 * (subject in _BAD)) % len(_LETTERS)]


def _moved(row: CodedClip, video: str, moments: tuple[int, int, int]) -> CodedClip:
    onset, apex, offset = moments
    return dataclasses.replace(row, clip=video, onset=onset, apex=apex, offset=offset)


def _classed(clips: Iterable[MockClip]) -> tuple[MockClip, ...]:
    """The clips with objective classes, of each at most as many as the file has."""
    clips_by_class: Counter[str] = Counter()
    classed = []
    for clip in clips:
        label = _OBJECTIVE.get(clip.row.emotion, "VII")
        clips_by_class[label] += 1
        label = label if clips_by_class[label] <= OBJECTIVE_CLASSES[label] else "VII"
        classed.append(clip.with_row(more={"objective_class": label}))
    return tuple(classed)
