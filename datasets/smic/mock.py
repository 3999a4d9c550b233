"""Writing a stand-in for a part of SMIC: laid out as distributed, faces drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.errors import UsageError
from merbench.stand_in import key_numbers, prepare_folder, write_clips, write_frames

from .parts import FOLDERS, Part
from .planning import Planned, plan_tree

if TYPE_CHECKING:
    import numpy as np

#: Height and width of a crop: a choice, the real ones are unverified.
CROP = (170, 140)


def write_tree(
    out: Path,
    *,
    dataset: str,
    part: Part,
    subjects: int,
    clips: int,
    seed: int,
    frames: str,
    progress: Callable[[int, int], None],
) -> None:
    """Write the raw and cropped frames of `clips` clips a subject, and the empty folders beside the clips.

    `frames` is ``all`` for onset..offset, or ``key`` for those of `key_numbers` around the middle frame. `progress` is
    told how many clips are done, of how many.

    Raises:
        UsageError: if `out` is not empty, or there cannot be such a tree.
    """
    if frames not in ("all", "key"):
        raise UsageError(f"{dataset}: frames={frames} is not possible for a stand-in tree: it must be all or key.")
    planned = plan_tree(dataset, part, subjects=subjects, clips=clips, seed=seed)
    prepare_folder(dataset, out)
    write_clips([partial(_write_clip, out, part, clip, frames) for clip in planned], progress)


def numbers_of(clip: Planned, frames: str) -> list[int]:
    """The frame numbers that are written of a clip."""
    plan = clip.plan
    if frames == "all":
        return list(range(plan.onset, plan.offset + 1))
    return key_numbers(plan.onset, plan.apex, plan.offset)


def _write_clip(out: Path, part: Part, clip: Planned, frames: str) -> None:
    for variant, home in FOLDERS.items():
        subject = out / home / part.folder / clip.subject
        folder = subject / "micro" / clip.plan.emotion / clip.clip
        (subject / "non_micro").mkdir(parents=True, exist_ok=True)
        write_frames(
            numbers_of(clip, frames), partial(_draw, part, clip, variant), partial(_path, folder, part, variant)
        )


def _path(folder: Path, part: Part, variant: str, number: int) -> Path:
    return folder / part.file_name(variant, number)


def _draw(part: Part, clip: Planned, variant: str, numbers: Sequence[int]) -> np.ndarray:
    """The frames, `(frame height width rgb)`; without colour where the camera sees none."""
    from merbench import drawn

    raw = variant == "raw"
    images = drawn.draw_raw_frames(clip.plan, numbers) if raw else drawn.draw_frames(clip.plan, numbers, CROP)
    if part.folder == "NIR":
        images[...] = images.mean(axis=-1, keepdims=True).astype(images.dtype)
    return images
