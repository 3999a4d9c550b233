"""Frames of video files, decoded by OpenCV one after the other, so that every number is exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.errors import FrameError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

VIDEOS = (".avi", ".mp4", ".mov", ".mkv", ".m4v")


def is_video(path: Path) -> bool:
    """Whether a file is a video, by its ending."""
    return path.suffix.lower() in VIDEOS


def frame_count(path: Path) -> int:
    """How many frames can be decoded, counted one by one: what a head says is often wrong.

    Raises:
        FrameError: if none can.
    """
    try:
        facts = path.stat()
    except OSError as fault:
        raise FrameError(f"{path} cannot be read ({fault.strerror}); put the video there.") from fault
    return _counted(path, facts.st_size, facts.st_mtime_ns)


def read_video(path: Path, places: Sequence[int]) -> list[npt.NDArray[np.uint8]]:
    """The frames at those places, counted from 0, each uint8 `(height width rgb)`.

    Raises:
        FrameError: naming the file and the first place that it does not have.
    """
    import cv2
    import numpy as np

    video = cv2.VideoCapture(str(path))
    frames: dict[int, npt.NDArray[np.uint8]] = {}
    wanted, place = set(places), 0
    try:
        while len(frames) < len(wanted) and video.grab():
            if place in wanted:
                ok, frame = video.retrieve()
                if not ok:
                    break
                frames[place] = np.ascontiguousarray(frame[..., ::-1]).astype(np.uint8, copy=False)
            place += 1
    finally:
        video.release()
    lacking = sorted(wanted - frames.keys())
    if lacking:
        end = f", whose frames are 0 to {place - 1}" if 0 < place <= lacking[0] else ""
        raise FrameError(
            f"{path} cannot be decoded at frame {lacking[0]} of the file{end}; name another, or replace the file."
        )
    return [frames[place] for place in places]


def read_numbered(present: Mapping[int, Path], numbers: Sequence[int]) -> list[npt.NDArray[np.uint8]]:
    """The frames of those numbers, of which each has a file, or the video that it is in.

    A video that numbers are mapped to has its first frame under the lowest of them.

    Raises:
        FrameError: naming a file that cannot be decoded.
    """
    from merbench._files.images import decode

    in_videos: dict[Path, list[int]] = {}
    for number in numbers:
        if is_video(present[number]):
            in_videos.setdefault(present[number], []).append(number)
    frames: dict[int, npt.NDArray[np.uint8]] = {}
    for path, wanted in in_videos.items():
        first = _first(present, path)
        frames |= zip(wanted, read_video(path, [number - first for number in wanted]), strict=True)
    return [frames[number] if number in frames else decode(present[number]) for number in numbers]


def place_in_video(present: Mapping[int, Path], number: int) -> tuple[int, ...]:
    """The place of a numbered frame in its video, counted from 0; empty where it has a file of its own."""
    path = present[number]
    return (number - _first(present, path),) if is_video(path) else ()


def _first(present: Mapping[int, Path], video: Path) -> int:
    return min(number for number, path in present.items() if path == video)


@lru_cache(maxsize=4096)
def _counted(path: Path, size: int, modified: int) -> int:
    import cv2

    video = cv2.VideoCapture(str(path))
    count = 0
    try:
        while video.grab():
            count += 1
    finally:
        video.release()
    if not count:
        raise FrameError(f"{path} cannot be decoded as a video; replace it, or extract its frames as pictures.")
    return count
