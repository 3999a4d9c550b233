"""What every stand-in tree needs: an empty folder, the frames that readers look at, and drawn frames on disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.data.source import mark_drawn
from merbench.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

_QUALITY = 90
_AT_ONCE = 16


def prepare_folder(dataset: str, out: Path) -> None:
    """Make `out` a folder that is there and empty but for the mark that its faces are drawn.

    Raises:
        UsageError: if it cannot be made, or is not empty.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        filled = next(out.iterdir(), None)
        if filled is None:
            mark_drawn(out, dataset)  # first, so that a tree cut short is never taken for photographs
    except OSError as fault:
        raise UsageError(f"{dataset}: {out} cannot be made a folder ({fault.strerror}); name another one.") from fault
    if filled is not None:
        raise UsageError(
            f"{dataset}: {out} holds {filled.name}, but a stand-in tree needs an empty folder; name another one."
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
    """Carry out the jobs, one a clip, on a few threads; `progress` is told how many are done, of how many."""
    pool = ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1))
    try:
        futures: list[Future[None]] = [pool.submit(job) for job in jobs]
        for done, future in enumerate(as_completed(futures), start=1):
            future.result()
            progress(done, len(futures))
    finally:
        pool.shutdown(cancel_futures=True)
