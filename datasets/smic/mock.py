"""Writing the frames of a stand-in for a part of SMIC: laid out as distributed, faces drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.synthetic.mock_tree import write_frames

from .long_clips import HOMES
from .parts import FOLDERS, Part
from .planning import Planned

if TYPE_CHECKING:
    import numpy as np

#: Height and width of a crop: a choice, the real ones are unverified.
CROP = (170, 140)


def write_short(out: Path, part: Part, clip: Planned, numbers: Sequence[int]) -> None:
    """Write a clip's raw and cropped frames, or two empty ones for no number, and the folder beside the clips."""
    for variant, home in FOLDERS.items():
        subject = out / home / part.folder / clip.row.subject
        folder = subject / "micro" / clip.plan.emotion / clip.row.clip
        (subject / "non_micro").mkdir(parents=True, exist_ok=True)
        last = clip.short if clip.short is not None and variant == "cropped" else clip.last
        name = partial(_path, folder, part, variant)
        if numbers:
            draw = partial(_draw, part, clip, variant)
            write_frames([number for number in numbers if number <= last], draw, name)
        else:
            _write_empty(folder, (name(clip.first), name(last)))


def write_long(out: Path, part: Part, clip: Planned, numbers: Sequence[int]) -> None:
    """Write the raw frames of a long clip, in the folders of the extended release."""
    folder = out / HOMES[part.folder][0] / f"s{int(clip.row.subject[1:]):02d}" / clip.row.clip
    write_frames(numbers, partial(_draw, part, clip, "raw"), lambda number: folder / f"image{number:06d}.jpg")


def _path(folder: Path, part: Part, variant: str, number: int) -> Path:
    return folder / part.file_name(variant, number)


def _write_empty(folder: Path, paths: Iterable[Path]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in paths:
        path.touch()


def _draw(part: Part, clip: Planned, variant: str, numbers: Sequence[int]) -> np.ndarray:
    """The frames, `(frame height width rgb)`; without colour where the camera sees none."""
    import numpy as np

    from merbench.synthetic import rendering as drawn

    draw, size = (drawn.draw_raw_frames, clip.raw) if variant == "raw" else (drawn.draw_frames, CROP)
    images = np.concatenate([draw(plan, list(of), size) for plan, of in groupby(numbers, key=clip.plan_at)])
    if part.folder == "NIR":
        images[...] = images.mean(axis=-1, keepdims=True).astype(images.dtype)
    return images
