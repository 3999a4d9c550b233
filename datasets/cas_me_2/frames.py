"""Where the frames of CAS(ME)^2 lie: crops, selected pictures of each expression, and whole recordings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from merbench._files.videos import frame_count, is_video
from merbench.annotations.clips import Clip
from merbench.data.frame_files import entries, numbered, present, variant_folder
from merbench.errors import MissingData

from .naming import Naming

#: Archives unpack into a folder of their own name.
FOLDERS: Mapping[str, tuple[str, ...]] = {
    "cropped": ("cropped/cropped", "cropped"),
    "selected": ("selectedpic/selectedpic", "selectedpic"),
    "raw": ("rawpic/rawpic", "rawpic"),
    "video": ("rawvideo/rawvideo", "rawvideo"),
}
_PREFIX = r"img[\s_-]?"


def list_frames(root: Path, variant: str, clip: Clip, naming: Naming) -> dict[int, Path]:
    """The files of a clip's onset..offset by number, however padded; of a video all frames.

    Raises:
        MissingData: if there is no such variant, or the workbook's naming sheets do not say where the clip lies.
    """
    home = variant_folder("cas-me-2", root, FOLDERS, variant)
    if variant == "cropped":
        folder = home / _person(home, clip.subject, naming) / clip.name
    elif variant == "selected":
        folder = home / _code(clip, naming) / clip.name
    elif variant == "raw":
        folder = _recording(home / _code(clip, naming), clip, naming)
    else:
        video = _recording(home / _code(clip, naming), clip, naming, videos=True)
        return dict.fromkeys(range(1, frame_count(video) + 1), video)
    onset, offset = clip.range.start, clip.range.stop - 1
    low, high = min(onset, clip.apex or onset), max(offset, clip.apex or offset)
    return {number: path for number, path in numbered(clip, folder, _PREFIX).items() if low <= number <= high}


def _person(home: Path, participant: str, naming: Naming) -> str:
    """A participant's folder of crops: the number of its code, or its own where folders are called 1 to 22."""
    numbers = {code.removeprefix("s") for code in naming.codes.values()}
    called = {path.name for path in entries(home) if path.is_dir()}
    if participant in naming.codes and called <= numbers:
        return naming.codes[participant].removeprefix("s")
    return participant


def _code(clip: Clip, naming: Naming) -> str:
    if clip.subject not in naming.codes:
        raise MissingData(
            f"{clip}: the workbook does not say which code, such as s15, participant {clip.subject} has; give the "
            "workbook with its sheet 'naming rule1', or read the crops with --set dataset.frames=cropped."
        )
    return naming.codes[clip.subject]


def _recording(person: Path, clip: Clip, naming: Naming, *, videos: bool = False) -> Path:
    """The folder, or the video, of a whole recording: ``15_0101disgustingteeth``, or the video's name."""
    video = clip.name.split("_")[0].lower()
    code = naming.videos.get(video, "")
    there = entries(person) if person.is_dir() else []
    recordings = [path for path in there if (is_video(path) if videos else path.is_dir())]
    names = {path: (path.stem if videos else path.name).lower() for path in recordings}
    matches = [path for path, name in names.items() if _is_called(name, person.name.removeprefix("s"), video, code)]
    if len(matches) != 1:
        raise MissingData(
            f"{clip}: {person} must have one {'file' if videos else 'folder'} of video {video}"
            f"{f' ({code})' if code else ''}, but has "
            f"{_listed(matches) or f'none of that name among {present(person)}'}; name it after the workbook's sheet "
            "'naming rule2'."
        )
    return matches[0]


def _is_called(name: str, number: str, video: str, code: str) -> bool:
    bare = name.removeprefix(f"{number}_")
    return bare == video or (bool(code) and bare.startswith(code))


def _listed(folders: Iterable[Path]) -> str:
    return " and ".join(path.name for path in folders)
