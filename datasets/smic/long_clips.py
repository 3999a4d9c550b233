"""The long clips of the extended release, SMIC-E: which folders hold their frames."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from merbench.annotations.clips import Clip
from merbench.data.frame_files import entries, numbered_files, variant_folder

from .cameras import Camera, clip_name
from .tree import FILES

#: Under the data folder, by camera, the first as distributed. Those of VIS and NIR are unverified.
HOMES: Mapping[str, tuple[str, ...]] = {
    camera: tuple(
        f"{above}{camera}_long/{name}"
        for above in ("SMIC-E_raw image/", "")
        for name in (f"SMIC-{camera}-E", f"SMIC_{camera}_E")
    )
    for camera in ("HS", "VIS", "NIR")
}


def list_frames(dataset: str, root: Path, camera: Camera, clip: Clip) -> Mapping[int, Path]:
    """The files of the long clip that holds a clip, by number; none if there is no folder of it.

    Raises:
        MissingData: if the camera has no folder under `root`.
        FrameError: if two files claim one number.
    """
    home = variant_folder(dataset, root, {"extended": HOMES[camera.folder]}, "extended")
    folders = [
        folder
        for of_subject in entries(home)
        if of_subject.is_dir() and of_subject.name.lower() in (clip.subject, f"s{int(clip.subject[1:]):02d}")
        for folder in entries(of_subject)
        if folder.name == clip.name or str(clip_name(folder.name)) == clip.name
    ]
    return numbered_files(folders[0], FILES["raw"], clip) if folders else {}
