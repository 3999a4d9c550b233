"""The frame files of a CASME II clip."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from merbench.clips import Clip
from merbench.errors import MissingData
from merbench.frame_files import numbered_files, present

#: Where each variant lies under the data folder, the first that is there. The names are those that public code reads;
#: no distributed tree was at hand to verify them.
FOLDERS: Mapping[str, tuple[str, ...]] = {
    "cropped": ("Cropped", "Cropped-updated/Cropped"),
    "raw": ("CASME2_RAW_selected", "CASME2-RAW"),
}
PREFIXES: Mapping[str, str] = {"cropped": "reg_img", "raw": "img"}

_ENDING = r"([0-9]{1,9})\.(?:jpe?g|png|bmp)"


def list_frames(root: Path, variant: str, clip: Clip) -> dict[int, Path]:
    """The files of a clip by frame number, in rising order; none if the clip has no folder.

    Raises:
        MissingData: if the variant has no folder under `root`.
        FrameError: if two files claim one number.
    """
    folder = variant_folder(root, variant) / f"sub{clip.subject}" / clip.name
    return numbered_files(folder, re.compile(PREFIXES[variant] + _ENDING, re.IGNORECASE), clip)


def variant_folder(root: Path, variant: str) -> Path:
    """The folder under `root` that holds the subjects' folders of a variant.

    Raises:
        MissingData: saying what was looked for, what is there, and how to choose the other variant.
    """
    for name in FOLDERS[variant]:
        if (root / name).is_dir():
            return root / name
    other = next(name for name in FOLDERS if name != variant)
    raise MissingData(
        f"casme2: {root} has no {variant} frames: looked for the folders {' and '.join(FOLDERS[variant])}, found "
        f"{present(root)}. Put them there, or read the {other} frames with --set dataset.frames={other}."
    )
