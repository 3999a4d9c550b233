"""Clips from folders: class folders, one folder a clip, videos, and flow pictures under u_train and u_test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from merbench._files.videos import VIDEOS, is_video
from merbench.data.importing.clips import Imported, ImportedClip, lacking
from merbench.data.importing.names import (
    PICTURES,
    ROLES,
    SPLITS,
    WRAPPERS,
    is_emotion,
    number_in,
    role_in,
    subject_in,
)
from merbench.plural import plural


def flow_tree(root: Path, dataset: str, home: Path) -> Imported | None:
    """The pictures under ``SUBJECT/u_test/CLASS``, each the flow of one clip; None where there is no such tree."""
    tests = sorted(path for path in root.rglob("u_test") if path.is_dir())
    clips = tuple(
        ImportedClip(
            dataset=dataset,
            subject=test.parent.name,
            clip=picture.stem,
            emotion=picture.parent.name,
            flow=_seen(picture, home),
        )
        for test in tests
        for picture in sorted(test.glob("*/*"))
        if picture.suffix.lower() in (*PICTURES, ".npy") and not picture.name.startswith(".")
    )
    if not clips:
        return None
    said = (
        f"flow pictures of {plural(len(clips), 'clip')} of {plural(len(tests), 'subject')}, each from its "
        "subject's u_test"
    )
    numbered = sorted({clip.emotion for clip in clips if clip.emotion.isdigit()})
    unknown = lacking(clips)
    if numbered:
        unknown += (
            f"classes are the folders' numbers ({', '.join(numbered)}): what they stand for is not in the data",
        )
    return Imported(clips=clips, recognised=(said,), unknown=unknown)


def clip_tree(root: Path, dataset: str, home: Path) -> Imported | None:
    """The clips of folders that hold pictures or videos; None where there are none."""
    places = list(_places(root))
    shared = _shared([parts for _, parts in places])
    clips = tuple(_clip(place, parts[shared:], dataset, home) for place, parts in places)
    if not clips:
        return None
    videos = sum(is_video(place) for place, _ in places)
    roles = sum(_roles(place) for place, _ in places if place.is_dir())
    said = [f"{plural(len(clips) - videos, 'folder')} of pictures and {plural(videos, 'video')}, one a clip"]
    if roles:
        said.append(
            f"{plural(roles, 'folder')} whose pictures are called onset, apex and offset: they count as 0, 1 and 2"
        )
    if named := sorted({clip.emotion for clip in clips if clip.emotion}):
        said.append(f"emotions from folders: {', '.join(named)}")
    unknown = lacking(clips)
    if any(clip.frames and not _roles_of(clip) for clip in clips):
        unknown += (
            "onset and offset are the first and the last picture that is there: correct them if a clip is longer",
        )
    return Imported(clips=clips, recognised=tuple(said), unknown=unknown)


def frames_by_clip(root: Path, home: Path) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """By the name of a folder or video in lower case, the names above it and the cell that names its frames."""
    by_name: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for place, parts in _places(root):
        name = place.stem if is_video(place) else place.name
        by_name.setdefault(name.casefold(), []).append((parts[:-1], _cell(place, home)))
    return by_name


def _places(root: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Every folder that holds pictures, and every video, with the names that lead there."""
    for folder, below, files in os.walk(root):
        below[:] = sorted(name for name in below if not name.startswith((".", "__")))
        here, names = Path(folder), sorted(name for name in files if not name.startswith("."))
        parts = here.relative_to(root).parts
        yield from ((here / name, (*parts, Path(name).stem)) for name in names if name.lower().endswith(VIDEOS))
        if parts and any(name.lower().endswith(PICTURES) for name in names):
            yield here, parts


def _shared(paths: list[tuple[str, ...]]) -> int:
    """How many names all paths begin with, of those before the clip's own."""
    count = 0
    while paths and all(len(parts) > count + 1 and parts[count] == paths[0][count] for parts in paths):
        if is_emotion(paths[0][count]) or len(paths) < 2:
            break
        count += 1
    return count


def _clip(place: Path, parts: tuple[str, ...], dataset: str, home: Path) -> ImportedClip:
    above = [part for part in parts[:-1] if part.casefold() not in WRAPPERS]
    name = parts[-1]
    if name.casefold() in WRAPPERS and above:  # .../clip/frames
        name = above.pop()
    emotion = next((part for part in above if is_emotion(part)), "")
    split = next((SPLITS[part.casefold()] for part in above if part.casefold() in SPLITS), "")
    others = [part for part in above if part != emotion and part.casefold() not in SPLITS]
    onset, apex, offset = _moments(place)
    return ImportedClip(
        dataset=dataset,
        subject=others[0] if others else subject_in(name),
        clip=name,
        onset=onset,
        apex=apex,
        offset=offset,
        emotion=emotion.casefold(),
        split=split,
        frames=_cell(place, home),
    )


def _moments(place: Path) -> tuple[str, str, str]:
    if is_video(place):
        from merbench._files.videos import frame_count

        return "0", "", str(frame_count(place) - 1)
    if _roles(place):
        there = {role_in(path.stem) for path in _pictures(place)}
        return "0", "1", "2" if "offset" in there else "1"
    numbers = [number for path in _pictures(place) if (number := number_in(path.stem)) is not None]
    return (str(min(numbers)), "", str(max(numbers))) if numbers else ("", "", "")


def _roles(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    return {"onset", "apex"} <= {role_in(path.stem) for path in _pictures(folder)} <= {*ROLES, ""}


def _roles_of(clip: ImportedClip) -> bool:
    return clip.onset == "0" and clip.apex == "1"


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES and path.name[0] != ".")


def _cell(place: Path, home: Path) -> str:
    return _seen(place, home)


def _seen(path: Path, home: Path) -> str:
    return Path(os.path.relpath(os.path.realpath(path), os.path.realpath(home))).as_posix()
