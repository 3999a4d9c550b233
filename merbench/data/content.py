"""What the files of clips contain, hashed: frames, landmarks, and inputs that were made elsewhere."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from merbench._files.videos import place_in_video
from merbench.annotations.clips import Clip
from merbench.data.precomputed import PRECOMPUTED
from merbench.data.source import Source
from merbench.dataset import Dataset
from merbench.errors import FrameError

#: File systems count the time of change in ticks of some milliseconds.
_SETTLED_NS = 2 * 10**9


def content_of(source: Source, clips: Sequence[Clip], names: Sequence[str] = PRECOMPUTED) -> list[object]:
    """Plain data that changes with any file that inputs of the clips are made from; folders do not count.

    It has, of each clip: its frames from onset to offset (all, where these are unknown) by number, name, size, place
    in a video, and content; its landmarks by frame number and content; and the files of the inputs called `names` that
    were made elsewhere, by name and content.
    """
    clips = sorted(clips, key=str)
    present = {clip.key: source.dataset.frames(source.root, clip) for clip in clips}
    frames = {clip.key: _within(present[clip.key], clip) for clip in clips}
    hashed = {clip.key: list(frames[clip.key].values()) for clip in clips}
    with ThreadPoolExecutor(4) as pool:  # hashlib lets other threads run
        digests_by_clip = pool.map(lambda paths: [file_digest(path) for path in paths], hashed.values())
        digests = dict(zip(hashed, digests_by_clip, strict=True))
    return [
        [
            clip.key,
            [
                (number, path.name, _size(path), *place_in_video(present[clip.key], number))
                for number, path in frames[clip.key].items()
            ],
            digests[clip.key],
            list(_landmarks(source, clip, frames[clip.key])),
            list(_precomputed(source, clip, names)),
        ]
        for clip in clips
    ]


def file_digest(path: Path) -> str:
    """The SHA-256 of a file; empty where it cannot be read, which reading the clip will report."""
    try:
        facts = path.stat()
    except OSError:
        return ""
    # programs set the time of modification as they like; the time of a change of the file itself is the system's
    changed = max(facts.st_mtime_ns, facts.st_ctime_ns)
    if time.time_ns() - changed < _SETTLED_NS:  # it may be written again without another time of change
        return _read(path)
    return _remembered(path, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)


def landmarks_digest(source: Source, clip: Clip, number: int) -> str:
    """The SHA-256 of the landmarks that a dataset has for a frame; empty where it has none.

    Where they cannot be read, it is the error's message.
    """
    if type(source.dataset).landmarks is Dataset.landmarks:
        return ""
    try:
        points = source.dataset.landmarks(source.root, clip, number)
    except FrameError as fault:
        return str(fault)
    return "" if points is None else hashlib.sha256(points.tobytes()).hexdigest()


@lru_cache(maxsize=2**19)
def _remembered(path: Path, inode: int, size: int, modified: int, changed: int) -> str:
    return _read(path)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def frame_files(source: Source, clip: Clip) -> Mapping[int, Path]:
    """The files of a clip's frames from onset to offset by number, in rising order; all, where these are unknown."""
    return _within(source.dataset.frames(source.root, clip), clip)


def _within(present: Mapping[int, Path], clip: Clip) -> dict[int, Path]:
    return {number: present[number] for number in sorted(present) if not clip.has_range or number in clip.range}


def _landmarks(source: Source, clip: Clip, frames: Mapping[int, Path]) -> Iterator[tuple[int, str]]:
    files = source.dataset.landmark_files(source.root, clip)
    for number in sorted({*files, *frames}):
        digest = file_digest(files[number]) if number in files else landmarks_digest(source, clip, number)
        if digest:
            yield number, digest


def _precomputed(source: Source, clip: Clip, names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for name in sorted({*PRECOMPUTED, *names}):
        try:
            path = source.dataset.precomputed(source.root, clip, name)
        except FrameError as fault:
            yield name, "", str(fault)
        else:
            if path is not None:
                yield name, path.name, file_digest(path)
