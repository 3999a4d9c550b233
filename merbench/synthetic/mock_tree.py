"""What every mock tree needs: an empty folder, the frames that readers look at, and drawn frames on disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING

from merbench._files.atomic import cause
from merbench.dataset import SYNTHETIC_MARK, UNFINISHED_MARK, Dataset
from merbench.errors import MerbenchError, StoreError, UsageError

if TYPE_CHECKING:
    import numpy as np

_QUALITY = 90
_AT_ONCE = 16


def mark_synthetic(root: Path, dataset: str) -> None:
    """Leave the mark in a folder that its faces are drawn."""
    mark = f"A mock of {dataset}: laid out as distributed, every face drawn by merbench.\n"
    (root / SYNTHETIC_MARK).write_text(mark, encoding="utf-8")


def write_mock(
    dataset: Dataset,
    out: Path,
    *,
    subjects: int,
    clips: int,
    seed: int = 0,
    frames: str = "key",
    full: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Write a dataset's mock tree to `out`, marked as drawn; see `Dataset.mock`.

    Until it is whole it is marked as unfinished, too: what was cut short is refused by readers, and is begun anew here.

    Raises:
        UsageError: if the dataset has no mock, or `out` is not empty.
        StoreError: if it cannot be written, a full disk included.
    """
    unfinished = out / UNFINISHED_MARK
    try:
        made = _begin(dataset.name, out)
        dataset.mock(out, subjects=subjects, clips=clips, seed=seed, frames=frames, full=full, progress=progress)
        mark_synthetic(out, dataset.name)
        unfinished.unlink(missing_ok=True)
    except MerbenchError:
        if unfinished.is_file():
            _remove_contents(out)
            if made:
                out.rmdir()
        raise
    except OSError as fault:
        raise StoreError(
            f"{out} cannot be written: {cause(fault)}. Remove what is there, free space, and run the command again."
        ) from fault


def _begin(dataset: str, out: Path) -> bool:
    """Mark a folder that is new, empty or holds an unfinished tree, which is removed; whether it was made."""
    if out.exists() and not out.is_dir():
        return False
    if (out / UNFINISHED_MARK).is_file():
        _remove_contents(out)
    made = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    if next(out.iterdir(), None) is None:
        text = (
            f"{dataset}\n"
            "This mock tree is not finished. The next merbench data mock into this folder removes it and begins anew.\n"
        )
        (out / UNFINISHED_MARK).write_text(text, encoding="utf-8")
    return made


def _remove_contents(folder: Path) -> None:
    """Empty a folder, the mark that it is unfinished last."""
    for path in sorted(folder.iterdir(), key=lambda path: path.name == UNFINISHED_MARK):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def prepare_folder(dataset: str, out: Path) -> None:
    """Make `out` a folder that is there and empty but for the mark that its faces are drawn.

    Raises:
        UsageError: if it cannot be made, or is not empty.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        filled = next((path for path in out.iterdir() if path.name != UNFINISHED_MARK), None)
        if filled is None:
            mark_synthetic(out, dataset)  # first, so that a tree cut short is never taken for photographs
    except OSError as fault:
        raise UsageError(f"{dataset}: {out} cannot be made a folder ({fault.strerror}); name another one.") from fault
    if filled is not None:
        raise UsageError(
            f"{dataset}: {out} holds {filled.name}, but a mock tree needs an empty folder; name another one."
        )


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


def write_sheets(path: Path, sheets: Mapping[str, Iterable[Sequence[object]]]) -> None:
    """Save a workbook (.xlsx) of these sheets, by their names: the rows of each from the first on, None a blank cell.

    >>> import tempfile
    >>> from merbench.annotations.cells import read_grids
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_sheets(Path(folder) / "coding.xlsx", {"Sheet1": [["Subject", "Onset"], ["s1", 12]], "Sheet2": []})
    ...     {name: [list(row) for row in grid] for name, grid in read_grids(Path(folder) / "coding.xlsx").items()}
    {'Sheet1': [['Subject', 'Onset'], ['s1', '12']], 'Sheet2': []}
    """
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    workbook.save(path)


def number_or_text(cell: str) -> int | str:
    """A cell as spreadsheet programs keep it: digits alone are a number, as in ``4``, which ``4+7`` is not."""
    return int(cell) if cell.isdigit() else cell


def write_frames(
    numbers: Sequence[int], draw: Callable[[Sequence[int]], Iterable[np.ndarray]], name: Callable[[int], Path]
) -> None:
    """Save the frames of those numbers, drawn a few at a time, each under its own name; JPEG, PNG or BMP by suffix."""
    from PIL import Image

    for start in range(0, len(numbers), _AT_ONCE):
        part = numbers[start : start + _AT_ONCE]
        for number, image in zip(part, draw(part), strict=True):
            path = name(number)
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(path, quality=_QUALITY)  # which formats without loss ignore


def write_clips(jobs: Sequence[Callable[[], None]], progress: Callable[[int, int], None]) -> None:
    """Carry out the jobs, one a clip, on a few threads; `progress` gets the number done and the number of all."""
    pool = ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1))
    try:
        futures: list[Future[None]] = [pool.submit(job) for job in jobs]
        for done, future in enumerate(as_completed(futures), start=1):
            future.result()
            progress(done, len(futures))
    finally:
        pool.shutdown(cancel_futures=True)
