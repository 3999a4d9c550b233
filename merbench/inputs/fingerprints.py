"""What tells the frames of a clip from others, without reading them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from merbench.annotations.clips import Clip
from merbench.data.source import Source
from merbench.inputs.alignment.source import cut_of


def fingerprint(source: Source, clip: Clip, numbers: Sequence[int]) -> object:
    """Plain data that changes with the frames of those numbers: the generator's facts, or of files path, size, time.

    Of aligned frames also the cut.
    """
    cut = cut_of(source, clip)
    return (
        _distributed(source, clip, numbers)
        if cut is None
        else [_distributed(source, clip, numbers), cut[0].tolist(), cut[1]]
    )


def _distributed(source: Source, clip: Clip, numbers: Sequence[int]) -> object:
    dataset = source.dataset
    if dataset.drawn:
        return [dataset.revision(), dataset.parameters.values()]
    present = dataset.frames(source.root, clip)
    return [file_facts(present[number]) if number in present else None for number in numbers]


def file_facts(path: Path) -> list[object]:
    """Path, size and time of a file, or why they are not to be had."""
    try:
        facts = path.stat()
    except OSError as fault:  # a link to nowhere; reading it will say so, by clip
        return [str(path), str(fault)]
    return [str(path.resolve()), facts.st_size, facts.st_mtime_ns]
