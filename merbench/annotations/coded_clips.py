"""Coded clips: the rows of an annotation workbook, read and checked alike for every database that needs no more.

An adapter says how its rows are read, and gets the table::

    reading = Reading(subject=lambda row: f"{subject_number(row):03d}", emotions={"others": "other"})
    sheet, notes = CODING.read(root, chosen)
    clips = reading.clips(sheet)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from merbench.annotations.action_units import simplified
from merbench.annotations.clips import COLUMNS, Annotations
from merbench.annotations.sheets import each_row
from merbench.annotations.tables import Row, Sheet
from merbench.errors import AnnotationError

if TYPE_CHECKING:
    import pandas as pd

#: How a cell says that no apex was annotated.
_NO_APEX = frozenset({"", "/", "?", "nan"})
_SUBJECT = re.compile(r"(?:s|sub|subject)?[\s_-]*0*([1-9][0-9]{0,2})", re.IGNORECASE)
_CLIP = re.compile(r"[^\s/\\.][^/\\]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedClip:
    """One row, read; `apex` is as annotated, even where it lies outside `onset`..`offset`.

    `action_units` are in the plain notation, empty where `action_units_annotated` cannot be read. `more` holds what
    the database adds, as text by column.
    """

    subject: str
    clip: str
    onset: int
    apex: int | None
    offset: int
    emotion: str
    action_units: str
    action_units_annotated: str
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Subject and clip, as schemes and notes name them: ``006/006_1_2``."""
        return f"{self.subject}/{self.clip}"

    @property
    def apex_outside(self) -> bool:
        """Whether an apex is annotated that does not lie within the clip."""
        return self.apex is not None and not self.onset <= self.apex <= self.offset


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the rows of a database become clips: how a subject is spelled, other spellings of emotions, more columns.

    The columns subject, clip, onset, apex, offset, action_units and emotion are read of every row. Where the file as
    distributed has rows whose offset lies before the onset, `keep_reversed` keeps them for mends, and a run that has
    them still leaves them out; elsewhere such a row is refused.
    """

    subject: Callable[[Row], str]
    emotions: Mapping[str, str] = field(default_factory=dict)
    more: tuple[str, ...] = ()
    keep_reversed: bool = False

    def clips(self, sheet: Sheet) -> list[CodedClip]:
        """The clips of a sheet, in its order.

        Raises:
            AnnotationError: naming row, column, value, rule and mend, for each row that is refused; also if there is
                no row, or a clip twice.
        """
        first: dict[tuple[str, str, int], Row] = {}

        def read(row: Row) -> CodedClip:
            clip = self._clip(row)
            earlier = first.setdefault((clip.subject, clip.clip, clip.onset), row)
            if earlier is not row:
                raise _repeated(row, earlier, clip)
            return clip

        clips = each_row(sheet.rows, read)
        if not clips:
            raise AnnotationError(
                f"{sheet.path}, sheet {sheet.name!r}: there is no row below the headers; "
                "give the workbook as distributed."
            )
        return clips

    def _clip(self, row: Row) -> CodedClip:
        onset, offset = row.whole("onset"), row.whole("offset")
        if onset > offset and not self.keep_reversed:
            raise row.refusal("onset", f"must not lie after {row.headers['offset']}, which is {offset}")
        if _CLIP.fullmatch(row.text("clip")) is None:
            raise row.refusal("clip", "must be the name of a folder")
        emotion = row.text("emotion").lower()
        return CodedClip(
            subject=self.subject(row),
            clip=row.cells["clip"],
            onset=onset,
            apex=None if row.cells["apex"].lower() in _NO_APEX else row.whole("apex"),
            offset=offset,
            emotion=self.emotions.get(emotion, emotion),
            action_units=_simplified(row.cells["action_units"]) or "",
            action_units_annotated=row.cells["action_units"],
            more={name: row.cells[name] for name in self.more},
        )


def subject_number(row: Row, most: int = 999) -> int:
    """The subject as a number, written as 6, 006, sub06 or S06.

    Raises:
        AnnotationError: if it is none.
    """
    match = _SUBJECT.fullmatch(row.text("subject"))
    if match is None or int(match[1]) > most:
        raise row.refusal("subject", f"must be a number from 1 to {most}, such as 6, 06 or sub06")
    return int(match[1])


def clip_table(clips: Sequence[CodedClip], *, fps: float, present: Mapping[str, str]) -> pd.DataFrame:
    """The annotation table of the clips, `action_units_annotated` beside it, and what they have more.

    Of the further columns only those are there that the file has: `present` holds its headers by column.
    """
    import pandas as pd

    columns = {name: [getattr(clip, name) for clip in clips] for name in COLUMNS if name != "fps"}
    table = pd.DataFrame({**columns, "apex": pd.array(columns["apex"], dtype="Int64"), "fps": fps})
    table["action_units_annotated"] = [clip.action_units_annotated for clip in clips]
    for name in clips[0].more if clips else ():
        if name in present:
            table[name] = [clip.more[name] for clip in clips]
    return table


def annotated(sheet: Sheet, clips: Sequence[CodedClip], *, fps: float, state: str, notes: Iterable[str]) -> Annotations:
    """The annotations that the clips of a sheet are, with `notes` and the sheet's oddities told."""
    table = clip_table(clips, fps=fps, present=sheet.headers)
    return Annotations(table=table, state=state, notes=(*notes, *oddities(sheet, clips)))


def whole_or_part(clips: Sequence[CodedClip], whole: Mapping[str, int], state: str) -> tuple[str, tuple[str, ...]]:
    """`state` if the clips are as many of each emotion, ``state (part)`` if fewer, else ``unrecognised``; and notes."""
    found = Counter(clip.emotion for clip in clips)
    if found == Counter(whole):
        return state, ()
    surplus = [emotion for emotion in found if found[emotion] > whole.get(emotion, 0)]
    if not surplus:
        return f"{state} (part)", (
            f"Part of annotation state {state}: {found.total()} of {sum(whole.values())} clips.",
        )
    told = ", ".join(f"{found[emotion]} of {emotion} (at most {whole.get(emotion, 0)})" for emotion in surplus)
    return "unrecognised", (f"Annotation state unrecognised: like {state}, but the clips are {told}.",)


def oddities(sheet: Sheet, clips: Sequence[CodedClip]) -> Iterator[str]:
    """Sentences about what was read but cannot be used as it stands: apexes outside, unreadable action units."""
    reversed_ = [f"{clip.name} ({clip.onset}..{clip.offset})" for clip in clips if clip.onset > clip.offset]
    if reversed_:
        yield f"{sheet.path}: the offset lies before the onset, and a run leaves out, {', '.join(reversed_)}."
    outside = [
        f"{clip.name} ({clip.onset}, {clip.apex}, {clip.offset})"
        for clip in clips
        if clip.apex_outside and clip.onset <= clip.offset
    ]
    if outside:
        yield f"{sheet.path}: the apex lies outside the clip, and --apex decides, for {', '.join(outside)}."
    unread = [
        f"row {row.number} ({clip.action_units_annotated!r})"
        for row, clip in zip(sheet.rows, clips, strict=True)
        if _simplified(clip.action_units_annotated) is None
    ]
    if unread:
        yield f"{sheet.path}: action units that cannot be read count as not coded: {', '.join(unread)}."


def _simplified(cell: str) -> str | None:
    try:
        return simplified(cell)
    except AnnotationError:
        return None


def _repeated(row: Row, earlier: Row, clip: CodedClip) -> AnnotationError:
    return row.refusal(
        "clip",
        f"stands in row {earlier.number} too, with subject {clip.subject} and onset {clip.onset}, "
        "and must be there once",
        "delete one of the two rows",
    )
