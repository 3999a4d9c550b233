"""The mock of SAMM: laid out as distributed, with synthetic faces in grey."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.coded_clips import CodedClip
from merbench.synthetic.mock_clips import Extent, MockClip, length, mock_clip, plain_row
from merbench.synthetic.mock_emotions import distribute, emotions_by_subject, subject_rounds
from merbench.synthetic.mock_tree import number_or_text, write_sheets

from .annotation import COLUMNS, NAMES, SHEET
from .schemes import EMOTIONS, FIVE_CLASS, OBJECTIVE_CLASSES

if TYPE_CHECKING:
    import numpy as np

#: The 29 subjects that have micro-expressions, of 32 recorded.
SUBJECTS = tuple(f"{number:03d}" for number in (6, 7, *range(9, 27), 28, *range(30, 38)))
_RARE = ("disgust", "sadness", "fear")
#: Rows that the mock shares with the file, so that their oddity can be met. The emotions are chosen here.
_BAD = {"028": ("028_4_1", "anger", 1071, 1143, 1134), "032": ("032_3_1", "anger", 4896, 1930, 4970)}
#: In the full table: those whose clips lack whole schemes; five more, chosen here, without objective classes I to V.
_ONLY: Mapping[str, Sequence[str]] = {
    "024": ("fear",),
    "036": ("disgust",),
    "025": ("other",),
    **dict.fromkeys(("010", "013", "019", "022", "031"), ("anger", "contempt", "other")),
}
#: The objective class that most clips of an emotion are given, so that rendered action units go with it; else 7.
_OBJECTIVE = {"happiness": "1", "surprise": "2", "anger": "3", "disgust": "4", "sadness": "5", "fear": "6"}
_RENDERED_EMOTION = {"other": "others"}
#: (height, width); the width and height that public code gives.
_SIZE = (650, 960)
_HEADERS = ("subject", "clip", "inducement", "onset", "apex", "offset")
_LAST = ("action_units", "emotion", "objective_class", "remarks")


def plan_clips(extent: Extent) -> tuple[MockClip, ...]:
    """The clips of a mock tree: five main emotions in turn, sometimes a rare one, and the two bad apexes.

    A full one has the numbers of the file by emotion, by objective class, and of subjects under every scheme.
    """
    if extent.full:
        people = emotions_by_subject(distribute(EMOTIONS, SUBJECTS, only=_ONLY))
    else:
        people = [(subject, _rounds(subject, extent)) for subject in SUBJECTS[: extent.subjects]]
    clips = tuple(clip for subject, emotions in people for clip in _subject(subject, emotions, extent.seed))
    return _classed(clips) if extent.full else clips


def write_workbook(out: Path, clips: Sequence[MockClip]) -> None:
    """Write the annotation as distributed: 13 rows above the header, durations as formulas, subjects as text."""
    rows: list[Sequence[object]] = [["SAMM stand-in, drawn by merbench"], *([None] for _ in range(12))]
    head, tail = ([COLUMNS[name].header for name in names] for names in (_HEADERS, _LAST))
    rows.append([*head, "Duration", "Micro", *tail])
    for number, clip in enumerate(clips, start=15):
        row = clip.row
        frames = [row.onset, row.apex, row.offset, f"=F{number}-D{number}+1", "Micro - 1/2"]
        units = number_or_text(row.action_units_annotated)
        coded = [units, row.emotion.capitalize(), int(row.more["objective_class"])]
        rows.append([row.subject, row.clip, int(row.more["inducement"]), *frames, *coded])
    write_sheets(out / NAMES[0], {SHEET: rows})


def draw(home: Path, clip: MockClip, numbers: Sequence[int]) -> None:
    """Write grey frames; numbers have 4 digits, or 5 in the clips that start with an odd frame."""
    row = clip.row
    digits = 5 if row.onset % 2 else 4
    folder = home / row.subject / row.clip
    clip.write_raw(numbers, _SIZE, lambda number: folder / f"{row.subject}_{number:0{digits}d}.jpg", grey=True)


def _rounds(subject: str, extent: Extent) -> list[str]:
    rare = _RARE[SUBJECTS.index(subject) % len(_RARE)]  # in turn, so that three subjects have every objective class
    return subject_rounds(extent, int(subject), FIVE_CLASS.classes, [rare])


def _subject(subject: str, emotions: Sequence[str], seed: int) -> Iterator[MockClip]:
    import numpy as np

    rng = np.random.default_rng([seed, int(subject)])
    bad = _BAD.get(subject)
    place = emotions.index(bad[1]) if bad and bad[1] in emotions else 0
    for order, emotion in enumerate(emotions):
        row = _row(rng, subject, order, emotion)
        if bad is not None and order == place:
            name, shown, onset, apex, offset = bad
            row = dataclasses.replace(row, clip=name, emotion=shown, onset=onset, apex=apex, offset=offset)
        middle = (row.onset + row.offset) // 2 if row.apex_outside else None
        clip = mock_clip(
            row, (seed, int(subject), order), rendered_emotion=_RENDERED_EMOTION.get(row.emotion), apex=middle
        )
        yield _annotated(clip, order)


def _row(rng: np.random.Generator, subject: str, order: int, emotion: str) -> CodedClip:
    onset, frames = int(rng.integers(20, 9000)), length(rng, 30, 74, 101)
    return plain_row(
        rng,
        subject=subject,
        clip=f"{subject}_{order // 3 + 5}_{order % 3 + 1}",  # from 5, where no row of the list of corrections is
        emotion=emotion,
        onset=onset,
        frames=frames,
        more={
            "inducement": str(order // 3 + 1),
            "objective_class": _OBJECTIVE.get(emotion, "7"),
            "remarks": "",
        },
    )


def _classed(clips: Sequence[MockClip]) -> tuple[MockClip, ...]:
    """The clips with as many of each objective class as the file has; what an emotion has too many goes to 7."""
    classed = list(clips)
    for emotion, label in _OBJECTIVE.items():
        for place in _in_turn(classed, emotion)[OBJECTIVE_CLASSES[label] :]:
            more = {**classed[place].row.more, "objective_class": "7"}
            classed[place] = classed[place].with_row(more=more)
    return tuple(classed)


def _in_turn(clips: Sequence[MockClip], emotion: str) -> list[int]:
    """The places of an emotion's clips: those without classes I to V last, else the first of each subject first."""
    nth: Counter[str] = Counter()
    keys = []
    for place, subject in (
        (place, clip.row.subject) for place, clip in enumerate(clips) if clip.row.emotion == emotion
    ):
        nth[subject] += 1
        keys.append((subject in _ONLY, nth[subject], place))
    return [place for _, _, place in sorted(keys)]


def _annotated(clip: MockClip, order: int) -> MockClip:
    """The clip with its action units as the annotators write them: intensities, alternatives, stray blanks."""
    endings = ("", "C", " ", "A/B", "B+ ref(43)", "+soft focus", " or 24A")
    return clip.with_row(action_units_annotated=clip.row.action_units + endings[order % len(endings)])
