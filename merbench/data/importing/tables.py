"""Clips from a label table, with headers by any usual name or without headers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from merbench.annotations.alike_names import alike_subjects
from merbench.annotations.cells import NOTHING, Grid, read_grids
from merbench.annotations.sheets import Column, read_sheet
from merbench.data.importing.clips import Imported, ImportedClip, lacking
from merbench.data.importing.names import is_emotion, subject_in
from merbench.data.importing.trees import frames_by_clip
from merbench.errors import AnnotationError, DataError
from merbench.plural import plural

COLUMNS: Mapping[str, Column] = {
    "dataset": Column("dataset", ("database", "part"), optional=True),
    "subject": Column("subject", ("sub", "subjectid", "participant", "person", "sid", "sub_id"), optional=True),
    "clip": Column("clip", ("filename", "filename_o", "video", "videoname", "file", "sample", "clipname", "name")),
    "onset": Column("onset", ("onsetframe", "onsetf", "start"), optional=True),
    "apex": Column("apex", ("apexframe", "apexf", "apexf1"), optional=True),
    "offset": Column("offset", ("offsetframe", "offsetf", "end"), optional=True),
    "emotion": Column("emotion", ("estimated emotion", "label", "labels", "expression", "class", "estimatedemotion")),
    "action_units": Column("action_units", ("actionunits", "au", "aus"), optional=True),
    "split": Column("split", optional=True),
}
_MOMENTS = ("onset", "apex", "offset")
_TABLES = (".csv", ".xlsx", ".xls")


def tables_in(root: Path) -> list[Path]:
    """The files of a folder that may be label tables, or the file itself."""
    files = [root] if root.is_file() else sorted(root.iterdir())
    return [path for path in files if path.suffix.lower() in _TABLES and path.name[0] not in "~." and path.is_file()]


def label_table(path: Path, root: Path, dataset: str, home: Path) -> Imported:
    """The clips of a table, with the frames that lie under `root` by their names.

    Raises:
        AnnotationError: if its columns are recognised neither by their headers nor by what they hold.
    """
    notes: tuple[str, ...] = ()
    try:
        sheet = read_sheet(path, COLUMNS, remedy="rename the columns that hold them")
        rows, notes = [dict(row.cells) for row in sheet.rows], sheet.notes
        said = f"columns by their headers: {', '.join(f'{name} ({at})' for name, at in sheet.headers.items())}"
    except AnnotationError as fault:
        rows, columns = _headerless(path, fault)
        said = f"no headers; columns by what they hold: {', '.join(f'{n} {at + 1}' for n, at in columns.items())}"
    places = frames_by_clip(root if root.is_dir() else root.parent, home)
    clips = tuple(_clip(row, dataset, places) for row in rows if row.get("clip"))
    if not clips:
        raise AnnotationError(f"{path}: there is no row with a clip; give a table with one row a clip.")
    framed = sum(bool(clip.frames) for clip in clips)
    unknown = (*lacking(clips), *notes)
    if framed < len(clips):
        unknown += (
            (
                f"frames of {len(clips) - framed} of {plural(len(clips), 'clip')} are in no folder of their name: "
                "fill them in"
            ),
        )
    return Imported(clips=clips, recognised=(f"{path.name}: {plural(len(clips), 'clip')}; {said}",), unknown=unknown)


def _clip(
    row: Mapping[str, str], dataset: str, places: Mapping[str, list[tuple[tuple[str, ...], str]]]
) -> ImportedClip:
    cells = {name: "" if cell.lower() in NOTHING else cell for name, cell in row.items()}
    clip = ImportedClip(**{**cells, "dataset": cells.get("dataset") or dataset, "clip": cells["clip"]})
    subject = clip.subject or subject_in(clip.clip)
    return dataclasses.replace(clip, subject=subject, frames=_frames(subject, clip.clip, places))


def _frames(subject: str, clip: str, places: Mapping[str, list[tuple[tuple[str, ...], str]]]) -> str:
    """The folder of a clip's name, if it is alone or one alone lies below the subject."""
    named = places.get(clip.casefold(), [])
    below = [cell for above, cell in named if any(_same(subject, part) for part in above)]
    if len(below) == 1:
        return below[0]
    return named[0][1] if len(named) == 1 and not below else ""


def _same(subject: str, folder: str) -> bool:
    return subject == folder or bool(alike_subjects([f"lab/{subject}", f"lab/{folder}"]))


def _headerless(path: Path, fault: AnnotationError) -> tuple[list[dict[str, str]], dict[str, int]]:
    try:
        grids = read_grids(path)
    except DataError:
        raise fault from None
    grid = max(grids.values(), key=len, default=[])
    lines = [line for line in grid if any(line)]
    columns = _columns(lines)
    if not {"clip", "emotion"} <= columns.keys():
        raise fault
    return [{name: line[at] if at < len(line) else "" for name, at in columns.items()} for line in lines], columns


def _columns(lines: Grid) -> dict[str, int]:
    """Which column holds what: emotions by words or a few numbers, moments by their order, the clip by most names."""
    width = min(map(len, lines), default=0)
    cells: list[Sequence[str]] = [[line[at] for line in lines] for at in range(width)]
    left = list(range(width))
    columns: dict[str, int] = {}

    def take(name: str, at: int | None) -> None:
        if at is not None:
            columns[name] = at
            left.remove(at)

    take("emotion", next((at for at in left if all(map(is_emotion, cells[at]))), None))
    whole = [at for at in left if all(cell.isdigit() for cell in cells[at])]
    for at in range(len(whole) - 2):
        three = whole[at : at + 3]
        if all(int(line[three[0]]) <= int(line[three[1]]) <= int(line[three[2]]) for line in lines):
            for name, place in zip(_MOMENTS, three, strict=True):
                take(name, place)
            break
    if "emotion" not in columns:
        few = [at for at in left if all(cell.isdigit() for cell in cells[at]) and len(set(cells[at])) <= 8]
        take("emotion", few[-1] if few else None)
    distinct = sorted(left, key=lambda at: -len(set(cells[at])))
    take("clip", distinct[0] if distinct else None)
    if len(left) > 1:
        take("dataset", min(left, key=lambda at: len(set(cells[at]))))
    take("subject", left[0] if left else None)
    return columns
