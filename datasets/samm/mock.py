"""Writing a stand-in for SAMM: laid out as distributed, faces drawn."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.coded_clips import CodedClip
from merbench.data.folder_dataset import grey
from merbench.synthetic.invented import Extent, Invented, invent, length, plain_row, rounds
from merbench.synthetic.mock_clips import dealt
from merbench.synthetic.mock_tree import write_frames

from .annotation import COLUMNS, NAMES, SHEET
from .schemes import EMOTIONS, FIVE_CLASS, OBJECTIVE_CLASSES

if TYPE_CHECKING:
    import numpy as np

#: The 29 subjects that have micro-expressions, of 32 recorded.
SUBJECTS = tuple(f"{number:03d}" for number in (6, 7, *range(9, 27), 28, *range(30, 38)))
_RARE = ("disgust", "sadness", "fear")
#: Rows that the stand-in shares with the file, so that their oddity can be met. The emotions are invented.
_BAD = {"028": ("028_4_1", "anger", 1071, 1143, 1134), "032": ("032_3_1", "anger", 4896, 1930, 4970)}
#: In the full table: those whose clips lack whole schemes; five more, invented, without objective classes I to V.
_ONLY: Mapping[str, Sequence[str]] = {
    "024": ("fear",),
    "036": ("disgust",),
    "025": ("other",),
    **dict.fromkeys(("010", "013", "019", "022", "031"), ("anger", "contempt", "other")),
}
#: The objective class that most clips of an emotion are given, so that drawn action units go with it; else 7.
_OBJECTIVE = {"happiness": "1", "surprise": "2", "anger": "3", "disgust": "4", "sadness": "5", "fear": "6"}
_DRAWN_AS = {"other": "others"}
#: (height, width); the width and height that public code gives.
_SIZE = (650, 960)
_HEADERS = ("subject", "clip", "inducement", "onset", "apex", "offset")
_LAST = ("action_units", "emotion", "objective_class", "remarks")


def invent_clips(extent: Extent) -> tuple[Invented, ...]:
    """The clips of a stand-in tree: five main emotions in turn, sometimes a rare one, and the two bad apexes.

    A full one has the numbers of the file by emotion, by objective class, and of subjects under every scheme.
    """
    if extent.full:
        return _classed(clip for subject, shown in _dealt() for clip in _subject(subject, shown, extent.seed))
    rounds_of = (_rounds(subject, extent) for subject in SUBJECTS[: extent.subjects])
    return tuple(clip for subject, shown in rounds_of for clip in _subject(subject, shown, extent.seed))


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
    from merbench.synthetic.rendering import draw_raw_frames

    row = clip.row
    digits = 5 if row.onset % 2 else 4
    folder = home / row.subject / row.clip
    write_frames(
        numbers,
        lambda part: grey(draw_raw_frames(clip.plan, part, _SIZE)),
        lambda number: folder / f"{row.subject}_{number:0{digits}d}.jpg",
    )


def _dealt() -> Iterator[tuple[str, list[str]]]:
    for subject, pairs in groupby(dealt(EMOTIONS, SUBJECTS, only=_ONLY), key=itemgetter(0)):
        yield subject, [emotion for _, emotion in pairs]


def _rounds(subject: str, extent: Extent) -> tuple[str, list[str]]:
    import numpy as np

    rng = np.random.default_rng([extent.seed, int(subject), 1])
    rare = _RARE[SUBJECTS.index(subject) % len(_RARE)]  # in turn, so that three subjects have every objective class
    return subject, rounds(rng, FIVE_CLASS.classes, extent.clips, [rare])


def _subject(subject: str, emotions: Sequence[str], seed: int) -> Iterator[Invented]:
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
        clip = invent(row, (seed, int(subject), order), drawn_as=_DRAWN_AS.get(row.emotion), apex=middle)
        yield _annotated(clip, order)


def _row(rng: np.random.Generator, subject: str, order: int, emotion: str) -> CodedClip:
    onset, frames = int(rng.integers(20, 9000)), length(rng, 30, 74, 101)
    return plain_row(
        rng,
        subject=subject,
        clip=f"{subject}_{order // 3 + 5}_{order % 3 + 1}",  # from 5, where no row of the ledger is
        emotion=emotion,
        onset=onset,
        frames=frames,
        more={
            "inducement": str(order // 3 + 1),
            "objective_class": _OBJECTIVE.get(emotion, "7"),
            "remarks": "",
        },
    )


def _classed(clips: Iterable[Invented]) -> tuple[Invented, ...]:
    """The clips with as many of each objective class as the file has; what an emotion has too many goes to 7."""
    found = list(clips)
    for emotion, label in _OBJECTIVE.items():
        for place in _in_turn(found, emotion)[OBJECTIVE_CLASSES[label] :]:
            row = found[place].row
            row = dataclasses.replace(row, more={**row.more, "objective_class": "7"})
            found[place] = dataclasses.replace(found[place], row=row)
    return tuple(found)


def _in_turn(clips: Sequence[Invented], emotion: str) -> list[int]:
    """The places of an emotion's clips: those without classes I to V last, else the first of each subject first."""
    nth: Counter[str] = Counter()
    keys = []
    for place, subject in (
        (place, clip.row.subject) for place, clip in enumerate(clips) if clip.row.emotion == emotion
    ):
        nth[subject] += 1
        keys.append((subject in _ONLY, nth[subject], place))
    return [place for _, _, place in sorted(keys)]


def _annotated(clip: Invented, order: int) -> Invented:
    """The clip with its action units as the annotators write them: intensities, alternatives, stray blanks."""
    endings = ("", "C", " ", "A/B", "B+ ref(43)", "+soft focus", " or 24A")
    row = dataclasses.replace(clip.row, action_units_annotated=clip.row.action_units + endings[order % len(endings)])
    return dataclasses.replace(clip, row=row)
