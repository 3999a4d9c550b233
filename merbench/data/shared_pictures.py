"""Pictures that are of several clips: files with the same bytes, of different people or of one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from merbench._files.videos import is_video
from merbench.annotations.clips import Clip
from merbench.data.content import file_digest, frame_files
from merbench.data.precomputed import PRECOMPUTED
from merbench.data.source import Source
from merbench.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPicture:
    """Two files with the same bytes, each of another clip; `what` they are, such as ``frame``."""

    what: str
    one: str
    one_file: Path
    other: str
    other_file: Path

    def __str__(self) -> str:
        return f"{self.what} {self.one_file} of {self.one} is {self.other_file} of {self.other}"


def shared_pictures(clips: Sequence[Clip], sources: Mapping[str, Source]) -> tuple[SharedPicture, ...]:
    """The first pair of equal files of each two clips of different subjects; frames from onset to offset, and flow.

    `sources` are by dataset. Synthetic faces are drawn for each subject and not looked at.
    """
    first: dict[tuple[str, str], _File] = {}
    shared: dict[tuple[str, str, str], SharedPicture] = {}
    for file, digest in _digests(clips, sources):
        one = first.setdefault((file.what, digest), file)
        if one.clip.qualified_subject != file.clip.qualified_subject:
            shared.setdefault((file.what, one.clip.key, file.clip.key), _pair(one, file))
    return tuple(shared.values())


def shared_frames(clips: Sequence[Clip], sources: Mapping[str, Source]) -> tuple[SharedPicture, ...]:
    """The first pair of equal frames of each two clips, of one subject or of two; the frames of a video by number.

    `sources` are by dataset. Synthetic faces are not looked at.
    """
    by_frame: dict[tuple[str, int | None], dict[str, _File]] = {}
    shared: dict[tuple[str, str], SharedPicture] = {}
    for file, digest in _digests(clips, sources):
        if file.what == "frame":
            by_clip = by_frame.setdefault((digest, file.number if is_video(file.path) else None), {})
            if file.clip.key in by_clip:
                continue  # a still recording has one frame many times
            for one in by_clip.values():
                shared.setdefault((one.clip.key, file.clip.key), _pair(one, file))
            by_clip[file.clip.key] = file
    return tuple(shared.values())


def clip_digests(clips: Sequence[Clip], sources: Mapping[str, Source]) -> dict[str, str]:
    """A digest of the files of each clip, by its key; it does not depend on any name.

    `sources` are by dataset. Synthetic faces, and clips whose files cannot be read, have none.
    """
    content: dict[str, list[str]] = {}
    for file, digest in _digests(clips, sources):
        number = f" {file.number}" if is_video(file.path) else ""
        content.setdefault(file.clip.key, []).append(f"{file.what} {digest}{number}")
    return {key: hashlib.sha256("\n".join(files).encode()).hexdigest()[:16] for key, files in content.items()}


class _File(NamedTuple):
    """A file of a clip, and which frame of it."""

    clip: Clip
    what: str
    path: Path
    number: int | None


def _pair(one: _File, other: _File) -> SharedPicture:
    return SharedPicture(
        what=one.what, one=one.clip.key, one_file=one.path, other=other.clip.key, other_file=other.path
    )


def _digests(clips: Sequence[Clip], sources: Mapping[str, Source]) -> Iterator[tuple[_File, str]]:
    """The files of the clips that can be read, each with its digest."""
    files = [file for clip in clips for file in _files(clip, sources[clip.dataset])]
    paths = list(dict.fromkeys(file.path for file in files))
    with ThreadPoolExecutor(4) as pool:  # hashlib lets other threads run
        digests = dict(zip(paths, pool.map(file_digest, paths), strict=True))
    return ((file, digests[file.path]) for file in files if digests[file.path])


def _files(clip: Clip, source: Source) -> Iterator[_File]:
    if source.dataset.synthetic:
        return
    try:
        for number, path in frame_files(source, clip).items():
            yield _File(clip, "frame", path, number)
        for name in PRECOMPUTED:
            if (path_of := source.dataset.precomputed(source.root, clip, name)) is not None:
                yield _File(clip, name, path_of, None)
    except DataError:
        return  # reading the clip says so
