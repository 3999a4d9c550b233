"""The mock of 4DME: laid out as public code reads it, with synthetic faces in grey.

Everything but the number of clips is chosen here: subjects, how they and their clips are called, clips an emotion.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.coded_clips import CodedClip
from merbench.synthetic.mock_clips import Extent, MockClip, length, mock_clip, plain_row
from merbench.synthetic.mock_emotions import distribute, rounds
from merbench.synthetic.mock_tree import write_sheets

from .annotation import COLUMNS, NAMES
from .schemes import EMOTIONS

if TYPE_CHECKING:
    import numpy as np

#: Chosen here: 41, 56 and 65 are variously quoted.
SUBJECTS = 41
#: Clips an emotion of the whole mock, 267 in all: chosen here.
WHOLE: Mapping[str, int] = {
    "negative": 110,
    "positive": 40,
    "surprise": 45,
    "others": 30,
    "repression": 20,
    "surprise+positive": 10,
    "negative+repression": 7,
    "surprise+negative": 5,
}
_SEVERAL = tuple(emotion for emotion in WHOLE if "+" in emotion)
#: (height, width); that of the real frames is unverified.
_SIZE = (240, 320)
#: The action units that have a column of 0 and 1 each.
_UNITS = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 24, 25, 26)


def plan_clips(extent: Extent) -> tuple[MockClip, ...]:
    """The clips of a mock tree: the five emotions in turn, sometimes two at once."""
    import numpy as np

    order: Counter[str] = Counter()
    clips = []
    for subject, emotion in _whole() if extent.full else _some(extent):
        order[subject] += 1
        seeds = (extent.seed, int(subject[1:]), order[subject])
        row = _row(np.random.default_rng([*seeds, 1]), subject, order[subject], emotion)
        clips.append(_annotated(mock_clip(row, seeds, rendered_emotion=emotion.split("+")[0]), order[subject]))
    return tuple(clips)


def write_workbook(out: Path, clips: Sequence[MockClip]) -> None:
    """Write the workbook: frames as floats, emotions and action units as text and as 0 and 1, totals last."""
    names = [name for name in COLUMNS if name != "total"]
    headers: list[object] = [*(COLUMNS[name].header for name in names), *(f"AU{number}" for number in _UNITS), "Total"]
    rows = [_cells(clip.row) for clip in clips]
    totals: list[object] = [sum(int(str(row[place])) for row in rows) for place in range(7, len(rows[0]))]
    write_sheets(out / NAMES[0], {"Sheet": [headers, *rows, [*[None] * 7, *totals]]})


def draw(home: Path, clip: MockClip, numbers: Sequence[int]) -> None:
    """Write grey frames, numbered with nine digits."""
    folder = home / clip.row.subject / clip.row.clip
    clip.write_raw(numbers, _SIZE, lambda number: folder / f"Frame_{number:09d}.jpg", grey=True)


def _cells(row: CodedClip) -> list[object]:
    shown, units = row.emotion.split("+"), row.action_units.replace("L", "").replace("R", "").split("+")
    assert row.apex is not None
    coded = [row.action_units_annotated, "+".join(part.capitalize() for part in shown), 0]
    marks = [*(int(emotion in shown) for emotion in EMOTIONS), *(int(str(number) in units) for number in _UNITS)]
    return [row.subject, row.clip, float(row.onset), float(row.apex), float(row.offset), *coded, *marks, len(units)]


def _some(extent: Extent) -> Iterator[tuple[str, str]]:
    import numpy as np

    for number in range(1, extent.subjects + 1):
        rng = np.random.default_rng([extent.seed, number])
        for emotion in rounds(rng, EMOTIONS, extent.clips, _SEVERAL):
            yield f"s{number:02d}", emotion


def _whole() -> list[tuple[str, str]]:
    return distribute(WHOLE, [f"s{number:02d}" for number in range(1, SUBJECTS + 1)])


def _row(rng: np.random.Generator, subject: str, order: int, emotion: str) -> CodedClip:
    frames, onset = length(rng, 8, 18, 31), int(rng.integers(1, 4000))
    clip = f"clip_{order:02d}"
    return plain_row(rng, subject=subject, clip=clip, emotion=emotion, onset=onset, frames=frames)


def _annotated(clip: MockClip, order: int) -> MockClip:
    """The clip with its action units as public code reads them: ``AU`` before them, some held through the clip."""
    units = [f"AU{unit}" if order % 2 else unit for unit in clip.row.action_units.split("+")]
    return clip.with_row(action_units_annotated="+".join(["AU43(k)", *units] if order % 3 == 0 else units))
