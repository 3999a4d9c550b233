"""The annotation table of CAS(ME)^2, from its workbook, whose sheets have no header."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from merbench.annotations.clips import Annotations
from merbench.annotations.coded_clips import CodedClip, Reading, clip_table, oddities
from merbench.annotations.headerless import HeaderlessFormat, Place
from merbench.annotations.sheets import Sheet
from merbench.errors import AnnotationError
from merbench.plural import plural

from .schemes import MICRO, STATE

FPS = 30.0
NAMES = ("CAS(ME)^2code_final.xlsx", "CAS(ME)^2code_final(Updated).xlsx")
SHEET = "CASMEcode_final"

_WHOLE = r"[0-9]{1,9}(\.0*)?"
COLUMNS: Mapping[str, Place] = {
    "subject": Place("participant", pattern=r"0*[1-9][0-9]?", rule="must be a number from 1 to 99"),
    "clip": Place("clip", pattern=r"[^\s/\\.][^/\\]*", rule="must be the name of a folder, such as anger1_3"),
    "onset": Place("onset", pattern=_WHOLE, rule="must be a whole number from 0 to 999999999"),
    "apex": Place("apex", pattern=rf"{_WHOLE}|[/?]?", rule="must be a whole number from 0 to 999999999, or empty"),
    "offset": Place("offset", pattern=_WHOLE, rule="must be a whole number from 0 to 999999999"),
    "action_units": Place("action units"),
    "emotion": Place("estimated emotion", pattern=r".*[^\W\d_].*", rule="must be a word"),
    "kind": Place(
        "macro or micro",
        pattern=r"(macro|micro)[\s_-]*expressions?",
        rule="must be macro-expression or micro-expression",
    ),
    "self_report": Place("self-reported emotion"),
}
CODING = HeaderlessFormat(dataset="cas-me-2", names=NAMES, columns=COLUMNS, sheet=SHEET)
READING = Reading(
    subject=lambda row: str(int(row.text("subject"))),
    emotions={"other": "others"},
    more=("self_report",),
    keep_reversed=True,
)


def read_annotations(root: Path, chosen: str, offsets: str) -> Annotations:
    """The micro-expressions of the workbook under `root`, with its state; `chosen`, if not empty, names the file.

    `offsets` says what an offset of 0 becomes: ``apex``, ``mirror`` or ``drop``.

    Raises:
        MissingData: if there is no workbook.
        AnnotationError: naming file, row, column, value, rule and remedy.
    """
    whole, passed = CODING.read(root, chosen)
    sheet = _micro(whole)
    read = READING.clips(sheet)
    state, state_notes = _state(read)
    done, clips = _ended(sheet, read, offsets)
    notes = (
        *passed,
        *whole.notes,
        *state_notes,
        *_left_out(whole, sheet),
        *_offset_notes(read, offsets),
        *oddities(done, clips),
    )
    return Annotations(table=clip_table(clips, fps=FPS, present=sheet.headers), state=state, notes=notes)


def _micro(sheet: Sheet) -> Sheet:
    rows = tuple(row for row in sheet.rows if row.cells["kind"].lower().startswith("micro"))
    if not rows:
        raise AnnotationError(
            f"{sheet.path}, sheet {sheet.name!r}: none of {plural(len(sheet.rows), 'row')} is a "
            "micro-expression, which alone "
            "are clips; give the workbook as it was distributed."
        )
    return dataclasses.replace(sheet, rows=rows)


def _state(clips: Sequence[CodedClip]) -> tuple[str, tuple[str, ...]]:
    """The state by the number of clips alone: how many there are of each emotion is unverified."""
    for state, count in MICRO.items():
        if count == len(clips):
            return state, ()
    if len(clips) < MICRO[STATE]:
        return f"{STATE} (part)", (f"Part of annotation state {STATE}: {len(clips)} of {MICRO[STATE]} clips.",)
    return "unrecognised", (
        f"Annotation state unrecognised: {len(clips)} micro-expressions, but {STATE} has {MICRO[STATE]}.",
    )


def _ended(sheet: Sheet, clips: Sequence[CodedClip], offsets: str) -> tuple[Sheet, list[CodedClip]]:
    """The clips with an offset in place of 0, and the sheet of their rows."""
    pairs = [
        (row, _with_offset(clip, offsets))
        for row, clip in zip(sheet.rows, clips, strict=True)
        if offsets != "drop" or clip.offset != 0
    ]
    return dataclasses.replace(sheet, rows=tuple(row for row, _ in pairs)), [clip for _, clip in pairs]


def _with_offset(clip: CodedClip, offsets: str) -> CodedClip:
    if clip.offset != 0 or clip.apex is None:
        return clip
    end = clip.apex if offsets == "apex" else 2 * clip.apex - clip.onset
    return dataclasses.replace(clip, offset=max(end, 0))


def _left_out(whole: Sheet, micro: Sheet) -> Iterator[str]:
    macro = len(whole.rows) - len(micro.rows)
    if macro:
        yield f"{whole.path}: {macro} macro-expressions are left out; micro-expressions alone are clips."


def _offset_notes(clips: Sequence[CodedClip], offsets: str) -> Iterator[str]:
    named = [clip.name for clip in clips if clip.offset == 0]
    done = {
        "apex": "it ends at its apex",
        "mirror": "it lasts as long after its apex as before",
        "drop": "it is left out",
    }
    if named:
        yield f"No offset is annotated (0), and {done[offsets]} (offsets={offsets}), for {', '.join(named)}."
