"""Where the frames of CAS(ME)^3 lie; the letter case of folders varies and does not count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from merbench._files.videos import frame_count, is_video
from merbench.annotations.clips import Clip
from merbench.data.frame_files import entries, numbered, variant_folder, video_frames
from merbench.errors import FrameError
from merbench.plural import plural

from .corrections import CORRECTIONS

#: Archives unpack into a folder of their own name.
FOLDERS_A: Mapping[str, tuple[str, ...]] = {
    "clips": ("Part_A_ME_clip/Part_A_ME_clip/frame", "Part_A_ME_clip/frame"),
    "videos": ("part_A/part_A", "part_A"),
    "clip-videos": ("Part_A_ME_clip/Part_A_ME_clip/video", "Part_A_ME_clip/video"),
}
FOLDERS_C: Mapping[str, tuple[str, ...]] = {"videos": ("part_C/part_C", "part_C", "Part_C")}


def clip_files(root: Path, clip: Clip) -> dict[int, Path]:
    """The files of part A's cut clips: those of ``spNO.1_a_104``, by number; none if there is no such folder."""
    home = variant_folder("cas-me-3a", root, FOLDERS_A, "clips")
    return _files(home, [[f"{clip.subject}_{clip.name}_{onset}" for onset in _onsets(clip)]], clip)


def clip_video(root: Path, clip: Clip) -> dict[int, Path]:
    """The video of a cut clip, ``spNO.1_a_104.mp4``, alone or in a folder of that name, under each frame's number.

    Raises:
        FrameError: if it has other than as many frames as the clip, so that none can be told by its number.
    """
    home = variant_folder("cas-me-3a", root, FOLDERS_A, "clip-videos")
    names = [f"{clip.subject}_{clip.name}_{onset}" for onset in _onsets(clip)]
    folder = _inside(home, names)
    there = [path for path in entries(folder or home) if is_video(path)]
    called = {name.casefold() for name in names}
    video = next((path for path in there if folder is not None or path.stem.casefold() in called), None)
    if video is None:
        return {}
    if (count := frame_count(video)) != len(clip.range):
        raise FrameError(
            f"{clip}: {video} has {plural(count, 'frame')}, but onset to offset are {len(clip.range)}, so that "
            "nobody can say "
            "which frame has which number; read the pictures with --set dataset.frames=clips, or leave the clip out."
        )
    return video_frames(clip, video, 0)


def video_files(root: Path, clip: Clip) -> dict[int, Path]:
    """The files of a whole recording of part A, ``spNO.1/a/color``, by number; none if there is no such folder."""
    home = variant_folder("cas-me-3a", root, FOLDERS_A, "videos")
    return _files(home, [[clip.subject], [clip.name], ["color"]], clip)


def crime_files(root: Path, clip: Clip) -> dict[int, Path]:
    """The files of a whole recording of part C, ``01/a/color``; `root` may hold the subjects' folders itself."""
    subjects = [clip.subject.zfill(2), clip.subject]
    home = (
        root
        if any((root / name).is_dir() for name in subjects)
        else variant_folder("cas-me-3c", root, FOLDERS_C, "videos")
    )
    return _files(home, [subjects, ["a"], ["color"]], clip)


def _files(home: Path, steps: Iterable[Sequence[str]], clip: Clip) -> dict[int, Path]:
    folder: Path | None = home
    for names in steps:
        folder = None if folder is None else _inside(folder, names)
    return {} if folder is None else numbered(clip, folder, "")


def _inside(folder: Path, names: Sequence[str]) -> Path | None:
    """The folder of the first of those names that is there, in whatever letter case."""
    for name in names:
        if (folder / name).is_dir():
            return folder / name
    if not folder.is_dir():
        return None
    there = {path.name.casefold(): path for path in entries(folder)}
    return next((there[name.casefold()] for name in names if name.casefold() in there), None)


def _onsets(clip: Clip) -> list[int]:
    """The onsets that a clip's folder may be called by: its own, and before or after a correction."""
    corrections = [
        correction
        for correction in CORRECTIONS
        if correction.clip == f"{clip.subject}/{clip.name}" and correction.field == "onset"
    ]
    others = [
        int(other)
        for correction in corrections
        for one, other in ((correction.new, correction.old), (correction.old, correction.new))
        if one and other and int(one) == clip.onset
    ]
    return [clip.range.start, *others]
