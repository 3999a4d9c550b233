"""From clips on disk, or synthetic ones, to one array: only the frames that the declaration needs are read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from merbench._files.images import pixels_at
from merbench.annotations.clips import Clip
from merbench.data.source import Source
from merbench.errors import FrameError
from merbench.inputs.cache import Cache, address
from merbench.inputs.clip_reader import ClipFiles
from merbench.inputs.declaration import Frames
from merbench.inputs.fingerprints import fingerprint
from merbench.inputs.frame_selection import window_numbers
from merbench.inputs.prepared import PreparedFrames

if TYPE_CHECKING:
    Progress = Callable[[int, int], None]

#: Raised whenever the same frames would give other arrays than before.
FRAMES_REVISION = 1
_AHEAD = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is needed of one clip: by moment, the frame numbers and the place of the annotated one."""

    clip: Clip
    source: Source
    numbers: tuple[tuple[int, ...], ...]
    places: tuple[int, ...]

    @property
    def wanted(self) -> tuple[int, ...]:
        """Every needed frame number, once, in order."""
        return tuple(sorted({number for window in self.numbers for number in window}))


def plans(clips: Sequence[Clip], sources: Mapping[str, Source], declaration: Frames) -> list[Plan]:
    """What is needed of each clip."""
    plans = []
    for clip in clips:
        windows = [window_numbers(clip, declaration, moment) for moment in declaration.at]
        numbers = tuple(tuple(numbers) for numbers, _ in windows)
        places = tuple(place for _, place in windows)
        plans.append(Plan(clip=clip, source=sources[clip.dataset], numbers=numbers, places=places))
    return plans


def prepare(
    clips: Sequence[Clip],
    sources: Mapping[str, Source],
    declaration: Frames,
    progress: Progress = lambda done, total: None,
    cache: Cache | None = None,
) -> tuple[PreparedFrames, dict[str, str]]:
    """The frames of all clips that have them, and by clip key why the others have not.

    The array holds the clips in the given order, those that failed left out.

    Raises:
        StoreError: if the cache cannot be written.
    """
    cache = cache or Cache()
    needed = plans(clips, sources, declaration)
    name = address(_description(needed, declaration))
    entry = cache.read(name)
    if entry is None:
        _build(cache, name, needed, declaration, progress)
        entry = cache.read(name)
    if entry is None:
        raise FrameError(f"The input cache {cache.root} lost the entry {name} while it was read; run again.")
    images, facts = entry
    failed: dict[str, str] = facts["failed"]
    good = [plan for plan in needed if plan.clip.key not in failed]
    counts = np.array([[len(window) for window in plan.numbers] for plan in good], dtype=np.int64)
    annotated = np.array([plan.places for plan in good], dtype=np.int64)
    shape = (len(good), len(declaration.at))
    prepared = PreparedFrames(
        declaration=declaration,
        images=images[: len(good)],
        counts=counts.reshape(shape),
        annotated=annotated.reshape(shape),
    )
    return prepared, failed


def _build(cache: Cache, name: str, needed: Sequence[Plan], declaration: Frames, progress: Progress) -> None:
    width = max((len(window) for plan in needed for window in plan.numbers), default=1)
    shape = (len(needed), len(declaration.at), width, declaration.channels, *declaration.size)
    failed: dict[str, str] = {}
    cache.write(name, shape, _arrays(needed, declaration, width, failed, progress), _facts(needed, declaration, failed))


def _facts(needed: Sequence[Plan], declaration: Frames, failed: dict[str, str]) -> dict[str, Any]:
    return {"failed": failed, "what": {"input": "frames", **declaration.as_dict()}, "clips": len(needed)}


def _arrays(
    needed: Sequence[Plan], declaration: Frames, width: int, failed: dict[str, str], progress: Progress
) -> Iterator[npt.NDArray[np.uint8]]:
    shape = (len(declaration.at), width, declaration.channels, *declaration.size)
    with ThreadPoolExecutor(cpu_count()) as pool:
        for done, (plan, read) in enumerate(_read_ahead(pool, needed, declaration), 1):
            progress(done, len(needed))
            if isinstance(read, str):
                failed[plan.clip.key] = read
            else:
                yield _windows(plan, read, width)
    yield from (np.zeros(shape, np.uint8) for _ in failed)  # the array keeps its promised length


def _read_ahead(
    pool: ThreadPoolExecutor, needed: Sequence[Plan], declaration: Frames
) -> Iterator[tuple[Plan, dict[int, npt.NDArray[np.uint8]] | str]]:
    # a bounded number of clips ahead, so that memory stays bounded, too
    waiting: deque[tuple[Plan, Future[dict[int, npt.NDArray[np.uint8]] | str]]] = deque()
    for plan in needed:
        waiting.append((plan, pool.submit(_read, plan, declaration)))
        if len(waiting) >= _AHEAD:
            done, future = waiting.popleft()
            yield done, future.result()
    for done, future in waiting:
        yield done, future.result()


def _read(plan: Plan, declaration: Frames) -> dict[int, npt.NDArray[np.uint8]] | str:
    try:
        frames = ClipFiles(clip=plan.clip, source=plan.source).frames(plan.wanted)
    except FrameError as fault:
        return str(fault)
    small = (pixels_at(frame, declaration.size, grey=declaration.grey) for frame in frames)
    return dict(zip(plan.wanted, small, strict=True))


def _windows(plan: Plan, read: Mapping[int, npt.NDArray[np.uint8]], width: int) -> npt.NDArray[np.uint8]:
    padded = [[*window, *[window[-1]] * (width - len(window))] for window in plan.numbers]
    return np.stack([np.stack([read[number] for number in window]) for window in padded])


def _description(needed: Sequence[Plan], declaration: Frames) -> dict[str, Any]:
    return {
        "revision": FRAMES_REVISION,
        "declaration": declaration.as_dict(),
        "clips": [[plan.clip.key, plan.numbers, fingerprint(plan.source, plan.clip, plan.wanted)] for plan in needed],
    }
