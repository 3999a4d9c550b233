"""From clips to the array of one computed input, through the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from merbench.annotations.clips import Clip
from merbench.data.source import Source
from merbench.errors import FrameError
from merbench.inputs.base import ArrayInput
from merbench.inputs.cache import Cache, address
from merbench.inputs.fingerprints import file_facts, fingerprint
from merbench.inputs.prepared import PreparedArray
from merbench.inputs.worker_pool import clip_arrays

if TYPE_CHECKING:
    import numpy.typing as npt

    Progress = Callable[[int, int], None]


def prepare_array(
    clips: Sequence[Clip],
    sources: Mapping[str, Source],
    declared: ArrayInput,
    progress: Progress = lambda done, total: None,
    cache: Cache | None = None,
) -> tuple[PreparedArray, dict[str, str]]:
    """The array of all clips that have it, in the given order, and by clip key why the others have not.

    Raises:
        StoreError: if the cache cannot be written.
    """
    cache = cache or Cache()
    name = address(_description(clips, sources, declared))
    entry = cache.read(name)
    if entry is None:
        _build(cache, name, clips, sources, declared, progress)
        entry = cache.read(name)
    if entry is None:
        raise FrameError(f"The input cache {cache.root} lost the entry {name} while it was read; run again.")
    values, facts = entry
    failed: dict[str, str] = facts["failed"]
    return PreparedArray(declaration=declared, values=values[: len(clips) - len(failed)]), failed


def precomputed_clips(clips: Sequence[Clip], sources: Mapping[str, Source], declared: ArrayInput) -> list[str]:
    """The keys of the clips for which the data brings the array, so that it is not computed."""
    return [clip.key for clip in clips if _ready_made(sources[clip.dataset], clip, declared) is not None]


def _build(
    cache: Cache,
    name: str,
    clips: Sequence[Clip],
    sources: Mapping[str, Source],
    declared: ArrayInput,
    progress: Progress,
) -> None:
    failed: dict[str, str] = {}
    facts = {"failed": failed, "what": declared.as_dict(), "clips": len(clips)}
    shape = (len(clips), *declared.shape)
    cache.write(name, shape, _arrays(clips, sources, declared, failed, progress), facts, declared.dtype)


def _arrays(
    clips: Sequence[Clip],
    sources: Mapping[str, Source],
    declared: ArrayInput,
    failed: dict[str, str],
    progress: Progress,
) -> Iterator[npt.NDArray[np.generic]]:
    arrays = clip_arrays(clips, [sources[clip.dataset] for clip in clips], declared)
    for done, (clip, array) in enumerate(zip(clips, arrays, strict=True), 1):
        progress(done, len(clips))
        if isinstance(array, str):
            failed[clip.key] = array
        else:
            yield array
    yield from (np.zeros(declared.shape, declared.dtype) for _ in failed)  # the array keeps its promised length


def _description(clips: Sequence[Clip], sources: Mapping[str, Source], declared: ArrayInput) -> dict[str, Any]:
    return {
        "declaration": declared.as_dict(),
        "libraries": {package: _version(package) for package in declared.libraries},
        "clips": [[clip.key, *_content(sources[clip.dataset], clip, declared)] for clip in clips],
    }


def _content(source: Source, clip: Clip, declared: ArrayInput) -> list[object]:
    ready = _ready_made(source, clip, declared)
    if ready is not None:
        return ["precomputed", ready]
    numbers = declared.numbers(clip)
    return [list(numbers), fingerprint(source, clip, numbers)]


def _ready_made(source: Source, clip: Clip, declared: ArrayInput) -> list[object] | None:
    name = declared.precomputed()
    try:
        path = None if name is None else source.dataset.precomputed(source.root, clip, name)
    except FrameError as fault:  # a named file that is not there: reading it will say so, by clip
        return [str(fault)]
    return None if path is None else file_facts(path)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # the same code under another distribution's name, such as opencv-python-headless
        return ""
