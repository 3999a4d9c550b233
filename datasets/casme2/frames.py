"""The frame files of a CASME II clip."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from merbench.clips import Clip
from merbench.frame_files import numbered, variant_folder

#: Where each variant lies under the data folder, the first that is there. The names are those that public code reads;
#: no distributed tree was at hand to verify them.
FOLDERS: Mapping[str, tuple[str, ...]] = {
    "cropped": ("Cropped", "Cropped-updated/Cropped"),
    "raw": ("CASME2_RAW_selected", "CASME2-RAW"),
}
PREFIXES: Mapping[str, str] = {"cropped": "reg_img", "raw": "img"}


def list_frames(root: Path, variant: str, clip: Clip) -> dict[int, Path]:
    """The files of a clip by frame number, in rising order; none if the clip has no folder.

    Raises:
        MissingData: if the variant has no folder under `root`.
        FrameError: if two files claim one number.
    """
    folder = variant_folder("casme2", root, FOLDERS, variant)
    return numbered(clip, folder / f"sub{clip.subject}" / clip.name, PREFIXES[variant])
