"""Writing a stand-in for CASME II: laid out as distributed, faces drawn."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.errors import UsageError

from .frames import FOLDERS, PREFIXES
from .planning import Planned, plan_tree
from .workbook import COLUMNS, NAMES

if TYPE_CHECKING:
    import numpy as np

_QUALITY = 90
_AT_ONCE = 16


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
    _prepare(out)
    write_workbook(out / NAMES[state], planned, objective_classes=state == "2019")
    pool = ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1))
    try:
        jobs: list[Future[None]] = [pool.submit(_write_clip, out, clip, frames) for clip in planned]
        for done, job in enumerate(as_completed(jobs), start=1):
            job.result()
            progress(done, len(jobs))
    finally:
        pool.shutdown(cancel_futures=True)


def numbers_of(clip: Planned, frames: str) -> list[int]:
    """The frame numbers that are written of a clip; every one where no apex is annotated."""
    row = clip.row
    if frames == "all" or row.apex is None:
        return list(range(row.onset, row.offset + 1))
    return key_numbers(row.onset, row.apex, row.offset)


def key_numbers(onset: int, apex: int, offset: int) -> list[int]:
    """The frames that a reader of onset, apex, offset and the quarters between them needs, in rising order.

    Jitter is allowed for: a fifth of a quarter after the onset and on both sides of the apex.

    >>> key_numbers(1, 21, 41)
    [1, 2, 6, 11, 16, 20, 21, 22, 26, 31, 36, 41]
    """
    before, after = (apex - onset) / 4, (offset - apex) / 4
    windows = [
        (onset, onset + 0.2 * before),
        *((onset + step * before,) * 2 for step in (1, 2, 3)),
        (apex - 0.2 * before, apex + 0.2 * after),
        *((apex + step * after,) * 2 for step in (1, 2, 3)),
        (offset, offset),
    ]
    return sorted({number for low, high in windows for number in range(floor(low), ceil(high) + 1)})


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


def _prepare(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        filled = next(out.iterdir(), None)
    except OSError as fault:
        raise UsageError(f"casme2: {out} cannot be made a folder ({fault.strerror}); name another one.") from fault
    if filled is not None:
        raise UsageError(
            f"casme2: {out} holds {filled.name}, but a stand-in tree needs an empty folder; name another one."
        )


def _write_clip(out: Path, clip: Planned, frames: str) -> None:
    from merbench.drawn import draw_frames, draw_raw_frames

    numbers = numbers_of(clip, frames)
    parts = [numbers[start : start + _AT_ONCE] for start in range(0, len(numbers), _AT_ONCE)]
    for part in parts:
        _save(out, "raw", clip, part, draw_raw_frames(clip.plan, part, (480, 640)))
    for part in parts:
        _save(out, "cropped", clip, part, draw_frames(clip.plan, part, clip.crop))


def _save(out: Path, variant: str, clip: Planned, numbers: Sequence[int], images: np.ndarray) -> None:
    from PIL import Image

    folder = out / FOLDERS[variant][0] / f"sub{clip.row.subject}" / clip.row.clip
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in zip(numbers, images, strict=True):
        Image.fromarray(image).save(folder / f"{PREFIXES[variant]}{number}.jpg", quality=_QUALITY)
