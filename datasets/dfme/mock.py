"""The mock of DFME: laid out as distributed, with synthetic faces.

Subject numbers and the emotions of each subject are chosen here. Of the whole table, clips by split and emotion, by
split and frame rate, and subjects by split are as in the files.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.coded_clips import CodedClip
from merbench.synthetic.mock_clips import Extent, MockClip, length, mock_clip, plain_row
from merbench.synthetic.mock_emotions import distribute, rounds
from merbench.synthetic.mock_tree import number_or_text, write_frames, write_sheets

from .annotation import COLUMNS, NAMES, SHEET
from .schemes import EMOTIONS, RATES, SPLITS, SUBJECTS

if TYPE_CHECKING:
    import numpy as np

#: The subjects of each split, one split after the other.
_FIRST = {"train": 1, "testA": SUBJECTS["train"] + 1, "testB": SUBJECTS["train"] + SUBJECTS["testA"] + 1}
#: In a small tree, the split of every fourth subject, so that four subjects have all three.
_TURNS = ("train", "testA", "testB", "train")
#: (height, width): smaller than the real frames, whose size is unverified, so that a whole tree stays below 1 GB.
_SIZE = (112, 112)
#: Grey levels in steps of 4, since PNG keeps noise at full length.
_LEVELS = 0xFC


def plan_clips(extent: Extent) -> tuple[MockClip, ...]:
    """The clips of a mock tree, split by split: all seven emotions in turn, or the whole table."""
    import numpy as np

    shown = _whole(extent.seed) if extent.full else _some(extent)
    order: Counter[str] = Counter()
    clips = []
    for split, subject, emotion, rate in shown:
        order[subject] += 1
        seeds = (extent.seed, int(subject[3:]), order[subject])
        row = _row(np.random.default_rng([*seeds, 1]), subject, order[subject], emotion, rate)
        row = dataclasses.replace(row, more={"split": split, "fps": str(rate)})
        clips.append(_annotated(mock_clip(row, seeds), order[subject]))
    return tuple(clips)


def write_workbooks(out: Path, clips: Sequence[MockClip]) -> None:
    """Write a workbook a split, of those that have clips: lone action units are numbers, all others text."""
    for split, name in NAMES.items():
        rows = [clip.row for clip in clips if clip.row.more["split"] == split]
        if rows:
            _write(out / name, rows)


def draw(out: Path, clip: MockClip, numbers: Sequence[int]) -> None:
    """Write the clip's frames as PNG, numbered with five digits."""
    from merbench.synthetic.rendering import draw_frames

    folder = out / clip.row.more["split"] / clip.row.clip
    write_frames(
        numbers, lambda part: draw_frames(clip.plan, part, _SIZE) & _LEVELS, lambda number: folder / f"{number:05d}.png"
    )


def _write(path: Path, rows: Sequence[CodedClip]) -> None:
    lines: list[list[object]] = [[column.header for column in COLUMNS.values()]]
    order = list(EMOTIONS["train"])
    for row in rows:
        frames = [row.onset, row.apex, row.offset]
        coded = [row.emotion, order.index(row.emotion), int(row.more["fps"])]
        lines.append([row.subject, row.clip, *frames, *coded, number_or_text(row.action_units_annotated)])
    write_sheets(path, {SHEET: lines})


def _some(extent: Extent) -> Iterator[tuple[str, str, str, int]]:
    import numpy as np

    turns = [_TURNS[number % len(_TURNS)] for number in range(extent.subjects)]
    rates = list(RATES["train"])
    for split in SPLITS:
        for order in range(turns.count(split)):
            number = _FIRST[split] + order
            rng = np.random.default_rng([extent.seed, number])
            for place, emotion in enumerate(rounds(rng, tuple(EMOTIONS[split]), extent.clips)):
                yield split, f"sub{number:04d}", emotion, rates[(number + place) % len(rates)]


def _whole(seed: int) -> Iterator[tuple[str, str, str, int]]:
    import numpy as np

    for turn, split in enumerate(SPLITS):
        subjects = [f"sub{_FIRST[split] + place:04d}" for place in range(SUBJECTS[split])]
        rates = np.random.default_rng([seed, turn]).permutation(_listed(RATES[split]))
        for (subject, emotion), rate in zip(distribute(EMOTIONS[split], subjects), rates, strict=True):
            yield split, subject, emotion, int(rate)


def _listed(counts: Mapping[int, int]) -> list[int]:
    return [value for value, count in counts.items() for _ in range(count)]


def _row(rng: np.random.Generator, subject: str, order: int, emotion: str, rate: int) -> CodedClip:
    """A row whose clip lasts a quarter of a second or so, and starts at frame 0 in every other case."""
    frames = length(rng, rate // 12, rate // 4, rate * 271 // 500)  # the longest has 271 frames at 500 fps
    onset = 0 if rng.random() < 0.5 else int(rng.integers(1, 40))
    clip = f"{subject}_{order:02d}"
    return plain_row(rng, subject=subject, clip=clip, emotion=emotion, onset=onset, frames=frames)


def _annotated(clip: MockClip, order: int) -> MockClip:
    """The clip with its action units as annotators write them: some with an action descriptor or a head movement."""
    ending = ("", "", "+AD38", "", "+M57")[order % 5]
    return clip.with_row(action_units_annotated=clip.row.action_units + ending)
