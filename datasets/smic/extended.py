"""The annotation table of the extended release, SMIC-E, from its workbooks.

Copies of the sheets HS and VIS were looked at. Unverified: the columns of NIR, named as public code reads them.
"""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from merbench.annotations.clips import Annotations
from merbench.annotations.coded_clips import CodedClip, Reading, clip_table, oddities, subject_number, whole_or_part
from merbench.annotations.sheets import Column, Row, Sheet
from merbench.annotations.workbook import WorkbookFormat
from merbench.errors import AnnotationError
from merbench.plural import plural

from .cameras import HS, NIR, VIS, Camera, clip_name
from .formulas import without_value

_FILES: Mapping[str, tuple[str, ...]] = {
    "HS": ("SMIC-HS-E_annotation.xlsx", "SMIC-HS-E_annotation_2019.xlsx"),
    "VIS": ("SMIC_VIS_E_annotation.xlsx",),
    "NIR": ("SMIC-NIR-E_annotation.xlsx",),
}
_COLUMNS: Mapping[str, Column] = {
    "subject": Column("Subject", ("Sub",)),
    "clip": Column("Filename", ("Clip",)),
    "onset": Column("OnsetF", ("Onset",)),
    "offset": Column("OffsetF", ("Offset",)),
    "onset2": Column("Onset2F", ("Onset2",), optional=True),
    "offset2": Column("Offset2F", ("Offset2",), optional=True),
    "onset3": Column("Onset3F", ("Onset3",), optional=True),
    "offset3": Column("Offset3F", ("Offset3",), optional=True),
    "first_frame": Column("FirstF", ("First",), optional=True),
    "last_frame": Column("LastF", ("Last",), optional=True),
    "emotion": Column("Emotion"),
    "apex": Column("ApexF", ("Apex",), optional=True),
    "action_units": Column("Action Units", ("AU",), optional=True),
}
_READING = Reading(
    subject=lambda row: f"s{subject_number(row, 99)}", more=("first_frame", "last_frame"), keep_reversed=True
)


def file_names(camera: Camera) -> tuple[str, ...]:
    """What the workbook of a camera is called."""
    return _FILES[camera.folder]


def columns_of(camera: Camera) -> Mapping[str, Column]:
    """The columns of a camera's workbook."""
    if camera is not NIR:
        return _COLUMNS
    own = ("onset", "apex", "offset")
    return {
        name: dataclasses.replace(column, header=f"{column.header} NIR", others=(column.header, *column.others))
        if name in own
        else column
        for name, column in _COLUMNS.items()
    }


def read_annotations(dataset: str, root: Path, camera: Camera, *, chosen: str, every: bool) -> Annotations:
    """The table of the workbook under `root`, with its state; `chosen`, if not empty, names the file.

    Of a recording with several expressions the first is a row; with `every`, each is. Column `event` counts them.

    Raises:
        MissingData: if there is no workbook.
        AnnotationError: naming file, row, column, value, rule and remedy.
    """
    coding = WorkbookFormat(
        dataset=dataset,
        names=file_names(camera),
        columns=columns_of(camera),
        sheet=camera.folder,
        known_sheets=tuple(name for name in _FILES if name != camera.folder),
    )
    sheet, notes = coding.read(root, chosen or _by_name(root, camera))
    _require_part(sheet, camera)
    _require_values(sheet)
    sheet = dataclasses.replace(sheet, rows=tuple(row for row in sheet.rows if not _blank(row)))
    firsts = [_spelled(row, clip) for row, clip in zip(sheet.rows, _READING.clips(sheet), strict=True)]
    state, state_notes = _state(camera, sheet, firsts)
    clips, events = _with_events(sheet, firsts, every)
    present = {**sheet.headers, "event": "event"}
    table = clip_table(clips, fps=camera.fps, present=present).drop(columns="action_units_annotated")
    notes = (*notes, *state_notes, *_contradictions(sheet, firsts), *events, *oddities(sheet, firsts))
    return Annotations(table=table, state=f"{state}, every event" if every else state, notes=notes)


def _by_name(root: Path, camera: Camera) -> str:
    """The only workbook under `root` that is called as the camera's, seen from there; empty text if there is none.

    Raises:
        AnnotationError: if there are several.
    """
    near = (path for pattern in ("*", "*/*", "*/*/*") for path in root.glob(f"{pattern}.[xX][lL][sS]*"))
    called = re.compile(rf"smic[\s_-]*{camera.folder}[\s_-]*e[\s_-].*", re.IGNORECASE)
    workbooks = sorted(
        str(path.relative_to(root)) for path in near if called.fullmatch(path.stem + "_") and path.is_file()
    )
    if len(workbooks) > 1:
        raise AnnotationError(
            f"smic-{camera.folder.lower()}: several annotation workbooks in {root}: {', '.join(workbooks)}; a run "
            f"reads one, since their labels differ. Choose it: --set {shlex.quote(f'dataset.coding={workbooks[0]}')}."
        )
    return workbooks[0] if workbooks else ""


def _require_part(sheet: Sheet, camera: Camera) -> None:
    others = {other.folder for other in (HS, VIS, NIR)} - {camera.folder}
    if sheet.name in others:
        raise AnnotationError(
            f"{sheet.path}: it has the sheet {sheet.name}, but {camera.folder} is to be read; give the workbook "
            f"{file_names(camera)[0]}, or call the sheet {camera.folder} if it holds that part."
        )


def _require_values(sheet: Sheet) -> None:
    cells = without_value(sheet.path, sheet.name)
    if cells:
        raise AnnotationError(
            f"{sheet.path}, sheet {sheet.name!r}: {plural(len(cells), 'cell')} with a formula and no value that "
            f"it came to, the first of them {cells[0]}; open the workbook in a spreadsheet program, and save "
            "it there as .xlsx."
        )


def _blank(row: Row) -> bool:
    """Whether a row below the table holds but formulas that came to 0."""
    return not any(cell for cell in row.cells.values() if cell != "0")


def _spelled(row: Row, clip: CodedClip) -> CodedClip:
    """The clip under its name on the disk, if its name is one; it must be of the row's subject."""
    name = clip_name(clip.clip)
    if name is None:
        return dataclasses.replace(clip, more={**clip.more, "event": "1"})
    if name.subject != clip.subject:
        raise row.refusal("clip", f"must be of the subject of its row, {clip.subject}")
    return dataclasses.replace(clip, clip=str(name), more={**clip.more, "event": "1"})


def _state(camera: Camera, sheet: Sheet, clips: Sequence[CodedClip]) -> tuple[str, tuple[str, ...]]:
    if strays := camera.strays({clip.subject for clip in clips}):
        return "unrecognised", (f"State unrecognised: SMIC {camera.folder} has no subject {', '.join(strays)}.",)
    emotions = Counter(clip.emotion for clip in clips)
    alike = [state for state, counts in camera.extended.items() if emotions == counts]
    newest, *older = camera.extended
    likely = older[0] if older and "onset3" not in sheet.headers else newest
    state = alike[0] if alike else likely
    if camera.extended[state]:
        return whole_or_part(clips, camera.extended[state], state)
    if len(clips) == camera.clips:  # how many clips a class has is not known
        return state, ()
    return f"{state} (part)", (f"Not the whole of state {state}: {len(clips)} of {plural(camera.clips, 'clip')}.",)


def _with_events(
    sheet: Sheet, clips: Sequence[CodedClip], every: bool
) -> tuple[tuple[CodedClip, ...], tuple[str, ...]]:
    """The clips, with `every` those of later events after each, and notes on what is not among them."""
    later = [list(_later(row, clip)) for row, clip in zip(sheet.rows, clips, strict=True)]
    held = [f"{clip.clip} ({len(events)})" for clip, events in zip(clips, later, strict=True) if events]
    if not every:
        note = f"Later events that are no rows, --set dataset.events=all makes them some: {', '.join(held)}."
        return tuple(clips), (note,) if held else ()
    expressions, dropped = [], []
    for row, clip, events in zip(sheet.rows, clips, later, strict=True):
        ranges = {clip.onset: clip.offset}
        expressions.append(clip)
        for event in events:
            if ranges.get(event.onset) == event.offset:
                dropped.append(f"event {event.more['event']} of {clip.clip}")
            elif event.onset in ranges:
                raise row.refusal(f"onset{event.more['event']}", "must not be the onset of an earlier event of the row")
            else:
                ranges[event.onset] = event.offset
                expressions.append(event)
    note = f"{sheet.path}: the same as an earlier event of its row, and so no row, is {', '.join(dropped)}."
    return tuple(expressions), (note,) if dropped else ()


def _later(row: Row, clip: CodedClip) -> Iterator[CodedClip]:
    for event in ("2", "3"):
        onset, offset = f"onset{event}", f"offset{event}"
        if not row.cells[onset] and not row.cells[offset]:
            continue
        lacking = next((name for name in (onset, offset) if name not in row.headers), None)
        if lacking:
            raise AnnotationError(
                f"{row.place}: event {event} has one of onset and offset; add the column of the other."
            )
        first, last = row.whole(onset), row.whole(offset)
        if first > last:
            raise row.refusal(onset, f"must not lie after {row.headers[offset]}, which is {last}")
        yield dataclasses.replace(clip, onset=first, apex=None, offset=last, more={**clip.more, "event": event})


def _contradictions(sheet: Sheet, clips: Sequence[CodedClip]) -> Iterator[str]:
    """The newer state of HS has such a row, by its counts; the annotation is the column, as in the other datasets."""
    named = [(clip, clip_name(clip.clip)) for clip in clips]
    odd = [f"{clip.clip} ({clip.emotion})" for clip, name in named if name and name.emotion != clip.emotion]
    if odd:
        yield f"{sheet.path}: the emotion, which counts, is not the one in the clip's name for {', '.join(odd)}."
    other = [clip.clip for clip, name in named if name is None]
    if other:
        yield f"{sheet.path}: no name such as s1_ne_01 is {', '.join(other)}; it is taken as it is."
