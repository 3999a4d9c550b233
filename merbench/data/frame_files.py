"""The frame files of a clip: which folder holds them, which number each has, and what a folder holds instead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from merbench._files.videos import frame_count
from merbench.annotations.clips import Clip
from merbench.errors import FrameError, MissingData

#: What follows a frame's number in a file name.
ENDING = r"\.(?:jpe?g|png|bmp)"


def require_folder(dataset: str, root: Path | None) -> Path:
    """The data folder itself.

    Raises:
        MissingData: if it is not there.
    """
    if root is None or not root.is_dir():
        raise MissingData(
            f"{dataset}: the data folder {root} does not exist. Say where it lies with --data {dataset}=DIR, "
            f"or write a mock tree: merbench data mock {dataset} --out DIR."
        )
    return root


def variant_folder(dataset: str, root: Path, folders: Mapping[str, tuple[str, ...]], variant: str) -> Path:
    """The first of a variant's `folders` that is there under `root`; it holds the subjects' folders.

    Raises:
        MissingData: saying what was looked for, what is there, and how to choose another variant.
    """
    for name in folders[variant]:
        if (root / name).is_dir():
            return root / name
    others = [other for other in folders if other != variant and any((root / name).is_dir() for name in folders[other])]
    raise MissingData(
        f"{dataset}: {root} has no {variant} frames: looked for the folders {' and '.join(folders[variant])}, found "
        f"{present(root)}. Put them there{other_frames(others)}."
    )


def other_frames(variants: Sequence[str]) -> str:
    """How to read the first of the variants that are there instead; empty where there are none."""
    return f", or read the {variants[0]} frames with --set dataset.frames={variants[0]}" if variants else ""


def numbered(clip: Clip, folder: Path, name: str) -> dict[int, Path]:
    """The files of a clip's folder by frame number, in rising order; none if the folder is not there.

    `name` is a pattern for what precedes the number; letter case does not count, nor do zeros before the number.

    Raises:
        FrameError: if two files claim one number.
        MissingData: if the folder may not be read.
    """
    return numbered_files(folder, re.compile(rf"{name}([0-9]{{1,9}}){ENDING}", re.IGNORECASE), clip)


def numbered_files(folder: Path, named: re.Pattern[str], clip: object) -> dict[int, Path]:
    """The files of a folder by frame number, in rising order; none if there is no such folder.

    `named` matches whole file names, and its group 1 is the number. `clip` is what an error says the frames are of.

    Raises:
        FrameError: if two files claim one number.
        MissingData: if the folder may not be read.
    """
    by_number: dict[int, Path] = {}
    for path in entries(folder) if folder.is_dir() else ():
        match = named.fullmatch(path.name)
        if match is None:
            continue
        if (taken := by_number.setdefault(int(match[1]), path)) is not path:
            raise FrameError(f"{clip}: frame {int(match[1])} has two files, {taken} and {path.name}; remove one.")
    return dict(sorted(by_number.items()))


def video_frames(clip: Clip, video: Path, first: int) -> dict[int, Path]:
    """The video under the number of each of its frames; none if it is not there.

    One that has as many frames as the clip begins at its onset, any other at frame `first`.

    Raises:
        FrameError: if it cannot be decoded.
    """
    if not video.is_file():
        return {}
    count = frame_count(video)
    whole = clip.has_range and len(clip.range) == count
    start = clip.range.start if whole else first
    return dict.fromkeys(range(start, start + count), video)


def entries(folder: Path) -> list[Path]:
    """What lies in a folder, by name.

    Raises:
        MissingData: if it may not be read.
    """
    try:
        return sorted(folder.iterdir())
    except OSError as fault:
        raise MissingData(f"{folder}: the folder cannot be read ({fault.strerror}); allow reading it.") from fault


def present(folder: Path) -> str:
    """The first names in a folder, for a message that says what was found instead."""
    names = [path.name for path in entries(folder)] if folder.is_dir() else []
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return ", ".join(names[:8]) + more or "nothing"
