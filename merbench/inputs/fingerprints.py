"""What identifies the frames of a clip: the bytes of their files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from merbench._files.videos import place_in_video
from merbench.annotations.clips import Clip
from merbench.data.content import file_digest, landmarks_digest
from merbench.data.source import Source
from merbench.inputs.alignment.source import cut_of


def fingerprint(source: Source, clip: Clip, numbers: Sequence[int]) -> object:
    """Plain data that changes with the frames of those numbers and with their landmarks.

    It is the generator's facts for synthetic data, else path and content of each file, and the place of a frame in a
    video; of aligned frames also the cut. For a missing frame it is the data's folder, so that no message names another
    user's folder.
    """
    cut = cut_of(source, clip)
    return (
        _distributed(source, clip, numbers)
        if cut is None
        else [_distributed(source, clip, numbers), cut[0].tolist(), cut[1]]
    )


def _distributed(source: Source, clip: Clip, numbers: Sequence[int]) -> object:
    dataset = source.dataset
    if dataset.synthetic:
        return [dataset.revision(), dataset.parameters.values()]
    present = dataset.frames(source.root, clip)
    files = [
        [*file_facts(present[number]), *place_in_video(present, number)] if number in present else [str(source.root)]
        for number in numbers
    ]
    landmarks = _landmarks(source, clip, numbers)
    return [files, landmarks] if any(landmarks) else files


def _landmarks(source: Source, clip: Clip, numbers: Sequence[int]) -> list[object]:
    present = source.dataset.landmark_files(source.root, clip)
    return [
        file_digest(present[number]) if number in present else landmarks_digest(source, clip, number)
        for number in numbers
    ]


def file_facts(path: Path) -> list[object]:
    """Path and SHA-256 of a file; the path counts too, since messages about a file that cannot be read name it."""
    return [str(path.resolve()), file_digest(path)]
