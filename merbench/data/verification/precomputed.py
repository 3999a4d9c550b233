"""What a check says of inputs that came with the data: whether each file is there, and what it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from merbench.annotations.clips import Clip
from merbench.data.finding import Finding
from merbench.data.flow_files import is_picture, read_flow, read_picture
from merbench.data.precomputed import PRECOMPUTED
from merbench.data.source import Source
from merbench.errors import DataError, FrameError
from merbench.plural import plural


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What one file of a flow holds: its form in a few words, its size, and how its values run."""

    form: str
    size: str
    values: str


def of_precomputed(source: Source, clips: Sequence[Clip], *, read: bool) -> Iterator[Finding]:
    """Of inputs that the data brings ready-made: whether every named file is there and, if `read`, its content."""
    for name in PRECOMPUTED:
        files, faults = _files(source, clips, name)
        if faults:
            detail = f"not there: {plural(len(faults), 'file')} of those named; there: {len(files)}"
            yield Finding(what=f"precomputed: {name}", verdict="differs", detail=detail, about=(*faults,))
        elif files:
            detail = f"{len(files)} of {plural(len(clips), 'clip')} have a file"
            yield Finding(what=f"precomputed: {name}", verdict="as known", detail=detail)
        if read and files:
            yield from _content(name, files)


def _files(source: Source, clips: Sequence[Clip], name: str) -> tuple[list[Path], list[str]]:
    files, faults = [], []
    for clip in clips:
        try:
            path = source.dataset.precomputed(source.root, clip, name)
        except DataError as fault:
            faults.append(str(fault))
        else:
            files += [] if path is None else [path]
    return files, faults


def _content(name: str, files: Sequence[Path]) -> Iterator[Finding]:
    contents, faults = [], []
    for path in files:
        try:
            contents.append(_look(path))
        except FrameError as fault:
            faults.append(str(fault))
    what = f"precomputed: {name}, content"
    if faults:
        detail = f"{plural(len(faults), 'file')} cannot be used, {len(contents)} can"
        yield Finding(what=what, verdict="differs", detail=detail, about=(*faults,))
    kinds = Counter((each.form, each.size, each.values) for each in contents)
    listed = "; ".join(f"{times} {form} of {size}, {values}" for (form, size, values), times in kinds.most_common(5))
    if listed:
        more = f"; and {len(kinds) - 5} more kinds" if len(kinds) > 5 else ""
        yield Finding(what=what, verdict="to know", detail=f"{listed}{more}")


def _look(path: Path) -> _Content:
    flow = read_flow(path)
    channels = ("u", "v", "strain")[: len(flow)]
    size = f"{flow.shape[2]}x{flow.shape[1]} ({', '.join(channels)})"
    if not is_picture(path):
        return _Content(form="arrays", size=size, values="in pixels, 0 is no motion")
    levels = read_picture(path)
    spans = all(channel.min() == 0 and channel.max() == 255 for channel in levels)
    stretched = "each channel stretched to 0..255: no level stands for no motion"
    return _Content(form="pictures", size=size, values=stretched if spans else "where u and v of 128 are no motion")
