"""Spotting an apex that was not annotated: the frame that moved furthest from the onset."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from merbench._files.atomic import atomic_write
from merbench._files.images import resize
from merbench._files.videos import place_in_video
from merbench.annotations.clips import Clip
from merbench.data.source import Source
from merbench.errors import FrameError
from merbench.inputs.cache import address, cache_root
from merbench.inputs.fingerprints import file_facts
from merbench.plural import plural

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: Raised whenever the same frames would give another apex than before.
SPOT_REVISION = 1
#: Pixels a side at which motion is looked for: chosen here, quick for long clips, and a mouth corner can be seen.
_SIZE = 128
_LEAST = 3
#: Frames that are read together: bounds memory.
_AT_ONCE = 32


def spot(source: Source, clip: Clip) -> int:
    """The number of the frame that serves as the apex of a clip.

    Of every frame that is there from onset to offset, the dense flow from the first is computed (DIS, Kroeger et al.,
    ECCV 2016, as OpenCV has it), the median displacement, which is the head's, is taken off, and the frame with the
    largest mean displacement that is left is the apex: the flow peak of MER practice. Cached.

    Raises:
        FrameError: if fewer than three frames are there, or one cannot be decoded.
    """
    numbers = _numbers(source, clip)
    if len(numbers) < _LEAST:
        raise FrameError(
            f"{clip}: an apex cannot be spotted in {plural(len(numbers), 'frame')}, at least {_LEAST} are needed from "
            f"{clip.onset} to {clip.offset}; choose --apex middle or drop."
        )
    path = cache_root() / "apexes" / f"{address(_description(source, clip, numbers))}.json"
    known = _read(path)
    if known in numbers:
        return known
    apex = _peak(source, clip, numbers)
    atomic_write(path, json.dumps(apex).encode(), "Free space, or point the variable MERBENCH_CACHE to another folder.")
    return apex


def _numbers(source: Source, clip: Clip) -> list[int]:
    every = clip.range
    if source.dataset.synthetic:
        return list(every)
    present = source.dataset.frames(source.root, clip)
    return [number for number in every if number in present]


def _peak(source: Source, clip: Clip, numbers: list[int]) -> int:
    import cv2

    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    frames = _greys(source, clip, numbers)
    first, best, apex = next(frames), -1.0, numbers[0]
    for number, frame in zip(numbers[1:], frames, strict=True):
        field = flow.calc(first, frame, None)  # type: ignore[call-overload]
        if (moved := _motion(field)) > best:
            best, apex = moved, number
    return apex


def _motion(field: npt.NDArray[np.float32]) -> float:
    """The mean length of displacements `(height width xy)` less their median."""
    import numpy as np

    local = field - np.median(field, axis=(0, 1))
    return float(np.hypot(local[..., 0], local[..., 1]).mean())


def _greys(source: Source, clip: Clip, numbers: Sequence[int]) -> Iterator[npt.NDArray[np.uint8]]:
    import numpy as np
    from PIL import Image

    for start in range(0, len(numbers), _AT_ONCE):  # a video is decoded from its start each time
        for frame in source.dataset.read(source.root, clip, numbers[start : start + _AT_ONCE]):
            yield np.asarray(Image.fromarray(resize(frame, (_SIZE, _SIZE))).convert("L"))


def _description(source: Source, clip: Clip, numbers: list[int]) -> list[object]:
    dataset = source.dataset
    if dataset.synthetic:
        return [SPOT_REVISION, clip.key, dataset.revision(), dataset.parameters.values()]
    present = dataset.frames(source.root, clip)
    files = [[number, *file_facts(present[number]), *place_in_video(present, number)] for number in numbers]
    return [SPOT_REVISION, clip.key, files]


def _read(path: Path) -> int | None:
    try:
        return int(json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
