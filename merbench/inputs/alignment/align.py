"""Alignment and cropping: a stage of its own between the frames as distributed and everything computed from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from merbench.annotations.clips import Clip
from merbench.data.source import Source
from merbench.inputs.alignment.face_crop import FaceCrop
from merbench.inputs.alignment.source import AlignedSource
from merbench.inputs.alignment.spec import AS_DISTRIBUTED, Alignment
from merbench.inputs.cache import Cache
from merbench.inputs.prepare_arrays import prepare_array
from merbench.plural import plural


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """Sources whose frames are aligned, and by clip key why some are not; `notes` are for the user."""

    sources: Mapping[str, Source]
    failed: Mapping[str, str]
    notes: tuple[str, ...] = ()


def align(
    clips: Sequence[Clip],
    sources: Mapping[str, Source],
    alignment: Alignment,
    progress: Callable[[int, int], None] = lambda done, total: None,
    cache: Cache | None = None,
) -> Aligned:
    """The sources with the clips' faces cut out, the cuts kept in the cache.

    Raises:
        StoreError: if the cache cannot be written.
    """
    if alignment.name == AS_DISTRIBUTED:
        return Aligned(sources=sources, failed={})
    crops, failed = prepare_array(clips, sources, FaceCrop(style=alignment.name), progress, cache)
    present = [clip.key for clip in clips if clip.key not in failed]
    cuts = {key: cut.copy() for key, cut in zip(present, crops.values, strict=True)}
    aligned = {
        name: AlignedSource(dataset=source.dataset, root=source.root, style=alignment.name, cuts=cuts)
        for name, source in sources.items()
    }
    if not alignment.fallback:
        return Aligned(sources=aligned, failed=failed)
    return Aligned(sources=aligned, failed={}, notes=_fallen_back(alignment, len(clips), failed))


def _fallen_back(alignment: Alignment, clips: int, failed: Mapping[str, str]) -> tuple[str, ...]:
    if not failed:
        return ()
    keys = ", ".join(sorted(failed))
    count = f"{len(failed)} of {plural(clips, 'clip')}"
    return (
        f"alignment {alignment.name}: {count} stay as distributed, no face was detected (--alignment-fallback): {keys}",
    )
