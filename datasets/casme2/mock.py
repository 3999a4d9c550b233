"""Writing a stand-in for CASME II: laid out as distributed, faces drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from merbench.errors import UsageError
from merbench.stand_in import key_numbers, prepare_folder, write_clips, write_frames

from .frames import FOLDERS, PREFIXES
from .planning import Planned, plan_tree
from .workbook import COLUMNS, NAMES


def write_tree(
    out: Path,
    *,
    subjects: int,
    clips: int,
    seed: int,
    state: str,
    frames: str,
    progress: Callable[[int, int], None],
) -> None:
    """Write the workbook of an annotation state and the raw and cropped frames of `clips` clips a subject.

    `frames` is ``all`` for onset..offset, or ``key`` for those of `key_numbers`. `progress` is told how many clips are
    done, of how many.

    Raises:
        UsageError: if `out` is not empty, or there cannot be such a tree.
    """
    if frames not in ("all", "key"):
        raise UsageError(f"casme2: frames={frames} is not possible for a stand-in tree: it must be all or key.")
    planned = plan_tree(subjects=subjects, clips=clips, seed=seed, state=state)
    prepare_folder("casme2", out)
    write_workbook(out / NAMES[state], planned, objective_classes=state == "2019")
    write_clips([partial(_write_clip, out, clip, frames) for clip in planned], progress)


def numbers_of(clip: Planned, frames: str) -> list[int]:
    """The frame numbers that are written of a clip; every one where no apex is annotated."""
    row = clip.row
    if frames == "all" or row.apex is None:
        return list(range(row.onset, row.offset + 1))
    return key_numbers(row.onset, row.apex, row.offset)


def write_workbook(path: Path, planned: Sequence[Planned], *, objective_classes: bool) -> None:
    """Write the annotation of the clips as the file is distributed: two blank columns, two empty sheets."""
    from openpyxl import Workbook

    columns = ["subject", "clip", "", "onset", "apex", "offset", "", "action_units", "emotion"]
    columns += ["objective_class"] if objective_classes else []
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "Sheet1"
    sheet.append([COLUMNS[name].header if name else None for name in columns])
    for clip in planned:
        sheet.append([_cell(clip, name) for name in columns])
    workbook.create_sheet("Sheet2")
    workbook.create_sheet("Sheet3")
    workbook.save(path)


def _cell(clip: Planned, column: str) -> str | int | None:
    if not column:
        return None
    value: str | int | None = getattr(clip.row, column)
    if column == "apex":
        return "/" if value is None else value
    numeric = column in ("action_units", "objective_class") and isinstance(value, str) and value.isdigit()
    return int(value) if numeric and value is not None else value


def _write_clip(out: Path, clip: Planned, frames: str) -> None:
    from merbench.drawn import draw_frames, draw_raw_frames

    numbers = numbers_of(clip, frames)
    raw, cropped = (partial(_place, out, clip, variant) for variant in ("raw", "cropped"))
    write_frames(numbers, lambda part: draw_raw_frames(clip.plan, part, (480, 640)), raw)
    write_frames(numbers, lambda part: draw_frames(clip.plan, part, clip.crop), cropped)


def _place(out: Path, clip: Planned, variant: str, number: int) -> Path:
    folder = out / FOLDERS[variant][0] / f"sub{clip.row.subject}" / clip.row.clip
    return folder / f"{PREFIXES[variant]}{number}.jpg"
