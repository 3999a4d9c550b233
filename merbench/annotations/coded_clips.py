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
from merbench.annotations.cells import NOTHING
from merbench.annotations.clips import COLUMNS, Annotations
from merbench.annotations.sheets import Row, Sheet, read_rows
from merbench.errors import AnnotationError
from merbench.plural import plural

if TYPE_CHECKING:
    import pandas as pd

_SUBJECT = re.compile(r"(?:s|sub|subject)?[\s_-]*0*([1-9][0-9]{0,2})", re.IGNORECASE)
_CLIP = re.compile(r"[^\s/\\.][^/\\]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedClip:
    """One row of an annotation workbook, read and checked: a micro-expression with its codes.

    >>> clip = CodedClip(subject="006", clip="006_1_2", onset=562, apex=588, offset=605, emotion="anger",
    ...                  action_units="4+7", action_units_annotated="4C+7")
    >>> clip.name, clip.apex_outside
    ('006/006_1_2', False)
    """

    #: The subject, spelled as in the table that the adapter returns.
    subject: str
    #: The clip's name, which is that of its folder of frames.
    clip: str
    #: The first frame, numbered as annotated.
    onset: int
    #: The frame of the strongest expression as annotated, even outside `onset`..`offset`; None where there is none.
    apex: int | None
    #: The last frame, inclusive; before `onset` only where `Reading.keep_reversed` allows it.
    offset: int
    #: The emotion in lower case, as the dataset's schemes name it.
    emotion: str
    #: Action units in the plain notation (``4+L7``); empty where `action_units_annotated` cannot be read.
    action_units: str
    #: The cell of the action units as it is.
    action_units_annotated: str
    #: What the database adds, as text by the adapter's column name.
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
    distributed has rows whose offset lies before the onset, `keep_reversed` keeps them for corrections, and a run that
    has them still leaves them out; elsewhere such a row is refused.
    """

    subject: Callable[[Row], str]
    emotions: Mapping[str, str] = field(default_factory=dict)
    more: tuple[str, ...] = ()
    keep_reversed: bool = False

    def clips(self, sheet: Sheet) -> list[CodedClip]:
        """The clips of a sheet, in its order.

        Raises:
            AnnotationError: naming row, column, value, rule and remedy, for each row that is refused; also if there is
                no row, or a clip twice.
        """
        first: dict[tuple[str, str, int], Row] = {}

        def read(row: Row) -> CodedClip:
            clip = self._clip(row)
            earlier = first.setdefault((clip.subject, clip.clip, clip.onset), row)
            if earlier is not row:
                raise _repeated(row, earlier, clip)
            return clip

        clips = read_rows(sheet.rows, read)
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
            apex=None if row.cells["apex"].lower() in NOTHING else row.whole("apex"),
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
    """The annotations that the clips of a sheet are, with `notes` and the oddities of the sheet as its notes."""
    table = clip_table(clips, fps=fps, present=sheet.headers)
    return Annotations(table=table, state=state, notes=(*notes, *oddities(sheet, clips)))


def whole_or_part(clips: Sequence[CodedClip], whole: Mapping[str, int], state: str) -> tuple[str, tuple[str, ...]]:
    """`state` if the clips are as many of each emotion, ``state (part)`` if fewer, else ``unrecognised``; and notes."""
    emotions = Counter(clip.emotion for clip in clips)
    if emotions == Counter(whole):
        return state, ()
    surplus = [emotion for emotion in emotions if emotions[emotion] > whole.get(emotion, 0)]
    if not surplus:
        return f"{state} (part)", (
            f"Part of annotation state {state}: {emotions.total()} of {plural(sum(whole.values()), 'clip')}.",
        )
    excess = ", ".join(f"{emotions[emotion]} of {emotion} (at most {whole.get(emotion, 0)})" for emotion in surplus)
    return "unrecognised", (f"Annotation state unrecognised: like {state}, but the clips are {excess}.",)


def oddities(sheet: Sheet, clips: Sequence[CodedClip]) -> Iterator[str]:
    """Sentences about what was read but cannot be used as it stands: apexes outside, no or unreadable action units."""
    if "action_units" not in sheet.headers:
        yield f"{sheet.path}: there is no column of action units, so they count as not coded."
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
