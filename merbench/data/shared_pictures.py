"""Pictures that are of several subjects: files with the same bytes under names of different people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from merbench.annotations.clips import Clip
from merbench.data.content import file_digest, frame_files
from merbench.data.precomputed import PRECOMPUTED
from merbench.data.source import Source
from merbench.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPicture:
    """Two files with the same bytes, each of a clip of another subject; `what` they are, such as ``frame``."""

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
    files = [(clip, what, path) for clip in clips for what, path in _files(clip, sources[clip.dataset])]
    with ThreadPoolExecutor(4) as pool:  # hashlib lets other threads run
        digests = list(pool.map(lambda each: file_digest(each[2]), files))
    first: dict[tuple[str, str], tuple[Clip, Path]] = {}
    shared: dict[tuple[str, str, str], SharedPicture] = {}
    for (clip, what, path), digest in zip(files, digests, strict=True):
        if not digest:
            continue
        one, one_file = first.setdefault((what, digest), (clip, path))
        if one.qualified_subject != clip.qualified_subject:
            pair = SharedPicture(what=what, one=one.key, one_file=one_file, other=clip.key, other_file=path)
            shared.setdefault((what, one.key, clip.key), pair)
    return tuple(shared.values())


def _files(clip: Clip, source: Source) -> Iterator[tuple[str, Path]]:
    if source.dataset.synthetic:
        return
    try:
        for path in dict.fromkeys(frame_files(source, clip).values()):
            yield "frame", path
        for name in PRECOMPUTED:
            if (path_of := source.dataset.precomputed(source.root, clip, name)) is not None:
                yield name, path_of
    except DataError:
        return  # reading the clip says so
