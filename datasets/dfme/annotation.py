"""The annotation table of DFME, from up to three workbooks: one a split."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.annotations.clips import Annotations
from merbench.annotations.coded_clips import CodedClip, Reading, clip_table, oddities, subject_number, whole_or_part
from merbench.annotations.sheets import Column, Row, Sheet, read_rows
from merbench.annotations.workbook import WorkbookFormat
from merbench.errors import AnnotationError

from .schemes import EMOTIONS, SPLITS, state_of

if TYPE_CHECKING:
    import pandas as pd

NAMES: Mapping[str, str] = {
    "train": "training_full_with_AU.xlsx",
    "testA": "testA_full_with_AU.xlsx",
    "testB": "testB_full_with_AU.xlsx",
}
SHEET = "Sheet1"
COLUMNS: Mapping[str, Column] = {
    "subject": Column("Subject", ("Sub",)),
    "clip": Column("Filename", ("Clip",)),
    "onset": Column("OnsetFrame", ("Onset",)),
    "apex": Column("ApexFrame", ("Apex",)),
    "offset": Column("OffsetFrame", ("Offset",)),
    "emotion": Column("Emotion", ("Estimated Emotion",)),
    "emotion_id": Column("EmotionId", optional=True),
    "fps": Column("Fps", ("FrameRate",)),
    "action_units": Column("AU", ("AUs", "Action Units", "Action Unit"), optional=True),
}
CODING = WorkbookFormat(dataset="dfme", names=tuple(NAMES.values()), columns=COLUMNS, sheet=SHEET)
READING = Reading(subject=lambda row: f"sub{subject_number(row):04d}")

_SPLIT = re.compile(r"(train|test)(?:ing)?(?:[^a-z0-9]*data)?[^a-z0-9]*([ab]?)(?![a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One workbook: the split that it is, and its clips with their frames a second."""

    split: str
    sheet: Sheet
    clips: Sequence[CodedClip]
    rates: Sequence[int]


def split_named(name: str) -> str | None:
    """The split that a file or a folder is named for, if any: ``testA`` for ``DFME_test_A_full.xlsx``."""
    match = _SPLIT.search(name)
    if match is None:
        return None
    split = "train" if match[1].lower() == "train" else f"test{match[2].upper()}"
    return split if split in SPLITS else None


def read_annotations(root: Path, chosen: str) -> Annotations:
    """The annotation table of the workbooks under `root`, with its state; `chosen`, if not empty, names the files.

    Raises:
        MissingData: if there is no workbook.
        AnnotationError: naming file, row, column, value, rule and remedy; also if two workbooks are one split.
    """
    sheets, notes = CODING.read_all(root, chosen)
    parts = sorted((_part(sheet) for sheet in sheets), key=lambda part: SPLITS.index(part.split))
    _refuse_repeats(root, parts)
    state, state_notes = _state(parts)
    doubts = [each for part in parts for each in (*_doubts(part), *oddities(part.sheet, part.clips))]
    return Annotations(table=_table(parts), state=state, notes=(*notes, *state_notes, *_shared(parts), *doubts))


def _part(sheet: Sheet) -> Part:
    split = split_named(sheet.path.name)
    if split is None:
        raise AnnotationError(
            f"{sheet.path}: its name must say which split it is, as {', '.join(CODING.names)} do; rename it."
        )
    rates = read_rows(sheet.rows, _rate)
    return Part(split=split, sheet=sheet, clips=READING.clips(sheet), rates=rates)


def _rate(row: Row) -> int:
    rate = row.whole("fps")
    if rate == 0:
        raise row.refusal("fps", "must be 1 or more")
    return rate


def _refuse_repeats(root: Path, parts: Sequence[Part]) -> None:
    for one, two in pairwise(parts):
        if one.split == two.split:
            raise AnnotationError(
                f"dfme: {one.sheet.path.name} and {two.sheet.path.name} are both the split {one.split}; a run reads "
                "one workbook a split. Remove one, or name those that are meant, joined by commas: "
                f"--set {shlex.quote(f'dataset.coding={_one_a_split(root, parts)}')}."
            )


def _one_a_split(root: Path, parts: Sequence[Part]) -> str:
    """A workbook a split, joined by commas: the one with the name that it is distributed by, if it is there."""
    chosen: dict[str, str] = {}
    for part in sorted(parts, key=lambda part: part.sheet.path.name not in CODING.names):
        chosen.setdefault(part.split, str(part.sheet.path.relative_to(root)))
    return ",".join(chosen[split] for split in SPLITS if split in chosen)


def _state(parts: Sequence[Part]) -> tuple[str, tuple[str, ...]]:
    states = [whole_or_part(part.clips, EMOTIONS[part.split], part.split) for part in parts]
    notes = [note for _, state_notes in states for note in state_notes]
    lacking = [split for split in SPLITS if split not in {part.split for part in parts}]
    if lacking:
        names = ", ".join(f"{split} ({NAMES[split]})" for split in lacking)
        notes.append(f"dfme: there is no workbook of {names}; the table has the other splits alone.")
    distinct = {state for state, _ in states}
    name = state_of(tuple(part.split for part in parts))
    if "unrecognised" in distinct:
        return "unrecognised", tuple(notes)
    return (name if distinct <= set(SPLITS) else f"{name} (part)"), tuple(notes)


def _table(parts: Sequence[Part]) -> pd.DataFrame:
    clips = [clip for part in parts for clip in part.clips]
    table = clip_table(clips, fps=0.0, present={})
    table["fps"] = [float(rate) for part in parts for rate in part.rates]
    table["split"] = [part.split for part in parts for _ in part.clips]
    return table


def _shared(parts: Sequence[Part]) -> Iterator[str]:
    splits: dict[str, set[str]] = {}
    for part in parts:
        for clip in part.clips:
            splits.setdefault(clip.subject, set()).add(part.split)
    both = sorted(subject for subject, of_subject in splits.items() if len(of_subject) > 1)
    if both:
        yield f"dfme: {', '.join(both)} stand in several splits, which share no subject in the files as distributed."


def _doubts(part: Part) -> Iterator[str]:
    path, order = part.sheet.path, list(EMOTIONS["train"])
    strays = [clip.name for clip in part.clips if not clip.clip.lower().startswith(f"{clip.subject}_")]
    if strays:
        yield f"{path}: the clip's name says another subject than its row for {', '.join(strays)}."
    odd = [
        f"row {row.number} ({clip.emotion}, {row.cells['emotion_id']})"
        for row, clip in zip(part.sheet.rows, part.clips, strict=True)
        if clip.emotion in order and row.cells["emotion_id"] not in ("", str(order.index(clip.emotion)))
    ]
    if odd:
        yield f"{path}: EmotionId is not that of the emotion, which is what is read, in {', '.join(odd)}."
