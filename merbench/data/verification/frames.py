"""What a check says of a dataset's frames: which are there, and, if asked, whether every one can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count

from merbench.annotations.clips import Clip
from merbench.data.finding import Finding
from merbench.data.source import Source
from merbench.data.verification.duplicates import of_duplicates
from merbench.data.verification.precomputed import of_precomputed
from merbench.errors import DataError
from merbench.plural import plural


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """One clip: how many frames its range has, which are lacking, and what was wrong with those that were read."""

    clip: Clip
    range: int
    lacking: tuple[int, ...]
    faults: tuple[str, ...] = ()
    sizes: tuple[tuple[int, int], ...] = ()

    @property
    def key_lacking(self) -> list[int]:
        """The onset, apex and offset frames that are lacking."""
        wanted = {self.clip.onset, self.clip.apex, self.clip.offset}
        return [number for number in self.lacking if number in wanted]


def of_frames(
    source: Source, clips: Sequence[Clip], *, read: bool, progress: Callable[[int, int], None]
) -> Iterator[Finding]:
    """The findings on the frames from onset to offset; all that are there are decoded where `read` says so."""
    if source.dataset.synthetic:
        yield Finding(what="frames", verdict="as known", detail="drawn when they are needed")
        return
    yield from of_precomputed(source, clips, read=read)
    without = [clip.key for clip in clips if not source.dataset.has_frames(source.root, clip)]
    if without:
        yield Finding(
            what="frames", verdict="to know", detail=f"none come with {len(without)} of {plural(len(clips), 'clip')}"
        )
    looked = list(_all(source, _with_frames(source, clips), read, progress))
    if looked:
        yield from _presence(source, looked)
    if looked and read:
        yield from _content(looked)
    if read:
        yield from of_duplicates(source, clips)


def _with_frames(source: Source, clips: Sequence[Clip]) -> list[Clip]:
    ranged = [clip for clip in clips if clip.has_range and not clip.reversed]
    return [clip for clip in ranged if source.dataset.has_frames(source.root, clip)]


def _all(source: Source, clips: Sequence[Clip], read: bool, progress: Callable[[int, int], None]) -> Iterator[_Looked]:
    with ThreadPoolExecutor(cpu_count()) as pool:
        for done, one in enumerate(pool.map(lambda clip: _look(source, clip, read), clips), 1):
            progress(done, len(clips))
            yield one


def _look(source: Source, clip: Clip, read: bool) -> _Looked:
    wanted = clip.range
    try:
        present = source.dataset.frames(source.root, clip)
    except DataError as fault:
        return _Looked(clip=clip, range=len(wanted), lacking=tuple(wanted), faults=(str(fault),))
    lacking = tuple(number for number in wanted if number not in present)
    there = [number for number in wanted if number in present]
    faults, sizes = _read(source, clip, there) if read else ([], [])
    return _Looked(clip=clip, range=len(wanted), lacking=lacking, faults=tuple(faults), sizes=tuple(sizes))


def _read(source: Source, clip: Clip, numbers: Sequence[int]) -> tuple[list[str], list[tuple[int, int]]]:
    """What is wrong with frames, and the widths and heights of the others; one by one only where any is wrong."""
    try:
        frames = source.dataset.read(source.root, clip, numbers)
    except DataError as fault:
        if len(numbers) == 1:
            return [str(fault)], []
        each = [_read(source, clip, [number]) for number in numbers]
        return [fault for faults, _ in each for fault in faults], [size for _, sizes in each for size in sizes]
    return [], [(int(frame.shape[1]), int(frame.shape[0])) for frame in frames]


def _where(source: Source, one: _Looked) -> str:
    """The clip, and what reading its first frame says of where that was looked for."""
    if one.faults:
        return one.clip.key
    faults, _ = _read(source, one.clip, one.lacking[:1])
    if not faults:
        return one.clip.key
    return faults[0] if one.clip.key in faults[0] else f"{one.clip.key}: {faults[0]}"


def _presence(source: Source, looked: Sequence[_Looked]) -> Iterator[Finding]:
    broken = [one.faults[0] for one in looked if one.faults and len(one.lacking) == one.range]
    if broken:
        yield Finding(
            what="frames: folders",
            verdict="differs",
            detail=plural(len(broken), "clip"),
            about=(*dict.fromkeys(broken),),
        )
    absent = [_where(source, one) for one in looked if len(one.lacking) == one.range]
    if absent:
        yield Finding(what="frames: no file", verdict="differs", detail=_share(absent, looked), about=(*absent,))
    partly = [one for one in looked if 0 < len(one.lacking) < one.range]
    if key := [f"{one.clip.key}: {', '.join(map(str, one.key_lacking))}" for one in partly if one.key_lacking]:
        yield Finding(
            what="frames: onset, apex or offset lacking", verdict="differs", detail=_share(key, looked), about=(*key,)
        )
    between = [f"{one.clip.key}: {len(one.lacking)} of {one.range}" for one in partly if not one.key_lacking]
    if between:
        remark = " (a mock tree of key frames)" if source.synthetic else ""
        yield Finding(
            what="frames: some lacking between",
            verdict="to know" if source.synthetic else "differs",
            detail=_share(between, looked) + remark,
            about=(*between,),
        )
    if not absent and not partly:
        yield Finding(
            what="frames", verdict="as known", detail=f"every one of {sum(one.range for one in looked)} is there"
        )


def _content(looked: Sequence[_Looked]) -> Iterator[Finding]:
    faults = [fault for one in looked for fault in one.faults if len(one.lacking) < one.range]
    count = sum(len(one.sizes) for one in looked)
    if faults:
        detail = f"{plural(len(faults), 'frame')} cannot be read, {count} can"
        yield Finding(what="frames: content", verdict="differs", detail=detail, about=(*faults,))
    else:
        yield Finding(what="frames: content", verdict="as known", detail=f"all {count} that are there can be read")
    sizes = Counter(size for one in looked for size in one.sizes)
    listed = ", ".join(f"{width}x{height} in {times}" for (width, height), times in sizes.most_common(5))
    more = f" and {len(sizes) - 5} more sizes" if len(sizes) > 5 else ""
    if sizes:
        yield Finding(what="frames: width x height", verdict="to know", detail=f"{listed}{more}")


def _share(some: Sequence[str], looked: Sequence[_Looked]) -> str:
    return f"{len(some)} of {plural(len(looked), 'clip')}"
