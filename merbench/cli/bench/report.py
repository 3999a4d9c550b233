"""Measurements as rows that are printed and written to a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from merbench.analysis.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure: what, how much of which unit, and what is aimed at, as words; None where nothing could be measured.

    `note` says what the figure is of: sizes, repetitions, and what it was worked out from.
    """

    name: str
    value: float | None
    unit: str
    target: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How large a measurement is: image side in pixels, clips a step, clips, subjects, and repetitions."""

    name: str
    size: int
    batch: int
    clips: int
    subjects: int
    flow_batch: int
    flow_clips: int
    flow_subjects: int
    pairs: int
    reference_folds: int


#: A minute or two on a laptop.
SHORT = Scale(
    name="short", size=64, batch=8, clips=24, subjects=4, flow_batch=64, flow_clips=128, flow_subjects=8, pairs=5,
    reference_folds=1,
)  # fmt: skip
#: CASME II in five classes, and the composite of MEGC 2019.
FULL = Scale(
    name="full", size=224, batch=32, clips=249, subjects=26, flow_batch=256, flow_clips=442, flow_subjects=68, pairs=15,
    reference_folds=2,
)  # fmt: skip
#: A few seconds, for tests of the measurements themselves.
TINY = Scale(
    name="tiny", size=32, batch=4, clips=12, subjects=3, flow_batch=16, flow_clips=32, flow_subjects=4, pairs=2,
    reference_folds=1,
)  # fmt: skip
SCALES = {scale.name: scale for scale in (TINY, SHORT, FULL)}


def interleaved(one: Callable[[], float], other: Callable[[], float], pairs: int) -> float:
    """The median over pairs of `one` by `other`, taken in turns so that what else the machine does meets both."""
    one(), other()
    ratios = []
    for turn in range(pairs):
        first, second = (one, other) if turn % 2 else (other, one)
        spent = {first: first(), second: second()}
        ratios.append(spent[one] / spent[other])
    return median(ratios)


def as_table(device: str, rows: Sequence[Row]) -> Table:
    """The rows for the terminal."""
    return Table(
        title=f"Training on {device}",
        columns=("figure", "of", "value", "aim"),
        rows=tuple((row.name, row.note or "–", _shown(row), row.target or "–") for row in rows),
        text_columns=2,
    )


def write(path: Path, command: str, device: str, rows: Sequence[Row]) -> None:
    """Write the rows as JSON, with the command that made them and the model of the device."""
    content = {"command": command, "device": device, "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _shown(row: Row) -> str:
    return "–" if row.value is None else f"{row.value:.4g} {row.unit}".strip()
