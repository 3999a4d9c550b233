"""The full-size stand-in table of CASME: as many clips of each emotion, subject and shape of name as the real one.

Rows that the ledger names stand where the file has them; their moments as annotated are invented, as are all others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from merbench.synthetic.invented import Extent, length
from merbench.synthetic.mock_clips import dealt_by_subject

from .recorded import Recorded, record, row_of
from .schemes import BY_SUBJECT, EMOTIONS

#: From this row on, counted from 0, frame numbers in file names have three digits.
_PADDED_FROM = 92
#: Rows that the file has at these places: recording, moments as annotated (invented), what the folder holds.
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


def invent_table(extent: Extent) -> tuple[Recorded, ...]:
    """The clips of the full table, in the order of the workbook."""
    shown = dealt_by_subject(EMOTIONS, BY_SUBJECT)
    places = _places(len(shown))
    return tuple(
        _clip(row, int(subject), emotion, *place, extent.seed)
        for row, ((subject, emotion), place) in enumerate(zip(shown, places, strict=True))
    )


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


def _clip(row: int, subject: int, emotion: str, name: str, event: int, seed: int) -> Recorded:
    import numpy as np

    rng = np.random.default_rng([seed, subject, row])
    onset, frames = int(rng.integers(3, 60)), length(rng, 10, 18, 32)
    onset += 100 * event
    apex = onset + round(frames * float(rng.uniform(0.35, 0.65)))
    _, annotated, on_disk = _NAMED.get(row, ("", (onset, apex, onset + frames - 1), None))
    coded = row_of(subject, name, emotion, annotated, second_apex=row % 4 == 1)
    return record(coded, (seed, subject, row), digits=0 if row < _PADDED_FROM else 3, on_disk=on_disk)
